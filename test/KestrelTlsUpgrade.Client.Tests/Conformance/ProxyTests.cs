using System.Net;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>Through a proxy (requirements C-26, C-37 to C-45, RFC 2817 section 5). The proxy is the origin too.</summary>
public sealed class ProxyTests
{
    private static HttpClient CreateClient(
        ScriptedServer proxy, TlsUpgradeMode mode = TlsUpgradeMode.Required, ICredentials? credentials = null, Action<SocketsHttpHandler>? handler = null) =>
        TestClient.Create(mode, handler: sockets =>
        {
            sockets.UseProxy = true;
            sockets.Proxy = new WebProxy(proxy.Uri) { Credentials = credentials };
            handler?.Invoke(sockets);
        });

    private static async Task TunnelAsync(ScriptedConnection connection, string answer = "HTTP/1.1 200 Connection established\r\n\r\n")
    {
        await connection.ReadHeadAsync();
        await connection.SendAsync(answer);
        await connection.UpgradeAndAnswerAsync();
        await connection.ServeAsync(ScriptedConnection.EmptyOk);
    }

    [Theory]
    [InlineData("http://a.test/x", "a.test:80", "a.test")]
    [InlineData("http://a.test:8080/x", "a.test:8080", "a.test:8080")]
    [InlineData("http://[::1]/x", "[::1]:80", "[::1]")]
    public async Task C37_C38_C39_Proxy_UpgradesInsideATunnel(string uri, string target, string host)
    {
        await using var proxy = new ScriptedServer(connection => TunnelAsync(connection));
        using var client = CreateClient(proxy);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(uri);
            var info = response.GetTlsUpgradeInfo();
            Assert.True(info is { IsUpgraded: true, IsTunnelled: true, Token: "TLS/1.2" });
        }

        Assert.Equal(
            [$"CONNECT {target} HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /x HTTP/1.1", "GET /x HTTP/1.1"],
            proxy.Heads.Select(head => head.Split("\r\n")[0]));
        Assert.Contains($"\r\nHost: {target}\r\n", proxy.Heads[0]);
        Assert.Contains($"\r\nHost: {host}\r\n", proxy.Heads[1]);
        Assert.Contains($"\r\nHost: {host}\r\n", proxy.Heads[2]);
        Assert.Single(proxy.Connections);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")]
    [InlineData("HTTP/1.0 200 Connection established\r\nProxy-agent: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 299 Whatever\r\n\r\n")]
    public async Task C40_AnySuccess_OpensTheTunnel(string answer)
    {
        await using var proxy = new ScriptedServer(connection => TunnelAsync(connection, answer));
        using var client = CreateClient(proxy);
        using var response = await client.GetAsync("http://a.test/");
        Assert.True(response.GetTlsUpgradeInfo().IsTunnelled);
    }

    [Theory]
    [InlineData("403 Forbidden")]
    [InlineData("101 Switching Protocols")]
    [InlineData("302 Found\r\nLocation: http://b.test/")]
    [InlineData("502 Bad Gateway")]
    [InlineData("407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"")]
    public async Task C41_A22_NoSuccess_IsAProxyError(string status)
    {
        await using var proxy = new ScriptedServer(connection => connection.ServeAsync($"HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\nfalse"));
        using var client = CreateClient(proxy);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://a.test/"));
        Assert.Equal(HttpRequestError.ProxyTunnelError, exception.HttpRequestError);
        Assert.Equal(status[..3], ((int)exception.StatusCode!).ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Contains(proxy.Uri, exception.Message);
        Assert.StartsWith("CONNECT", Assert.Single(proxy.Heads));
    }

    [Fact]
    public async Task C42_TunnelByteForByte_NothingSentBeforeItIsOpen()
    {
        var early = 0;
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            foreach (var character in "HTTP/1.1 200 OK\r\n\r")
            {
                await connection.SendAsync(character.ToString());
                await Task.Yield();
                early += connection.Available;
            }

            await connection.SendAsync("\n");
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = CreateClient(proxy);
        using var response = await client.GetAsync("http://a.test/");
        Assert.Equal(0, early);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task C43_C44_Credentials_OnANewConnectionWhereTheProxyClosesAndForTheProxyOnly(bool closes)
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            if (!head.Contains("Proxy-Authorization", StringComparison.Ordinal))
            {
                await connection.SendAsync(
                    "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 3\r\n"
                    + (closes ? "Connection: close\r\n\r\nnot" : "\r\nnot"));
                if (closes)
                {
                    return;
                }

                await connection.ReadHeadAsync();
            }

            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = CreateClient(proxy, credentials: new NetworkCredential("user", "secret"));
        using var response = await client.GetAsync("http://a.test/");
        Assert.True(response.GetTlsUpgradeInfo().IsTunnelled);
        Assert.Equal(closes ? 2 : 1, proxy.Connections.Length);
        var expected = Convert.ToBase64String(Encoding.ASCII.GetBytes("user:secret"));
        Assert.Contains($"Proxy-Authorization: Basic {expected}", proxy.Heads[1]);
        Assert.All(proxy.Heads[2..], head => Assert.DoesNotContain("Proxy-Authorization", head));
    }

    [Fact]
    public async Task C45_BytesBehindTheTunnelsAnswer_NeverReachTheCaller()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
            await connection.ReadToEndAsync();
        });
        foreach (var mode in new[] { TlsUpgradeMode.Required, TlsUpgradeMode.Preferred })
        {
            using var client = CreateClient(proxy, mode);
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://a.test/"));
            Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        }

        await proxy.EndedAsync();
        Assert.All(proxy.Heads, head => Assert.StartsWith("CONNECT", head));
    }

    [Fact]
    public async Task C26_DemandWithoutUpgradeField_IsMetInATunnel()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            if (head.StartsWith("CONNECT", StringComparison.Ordinal))
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
                await connection.UpgradeAndAnswerAsync();
                await connection.ServeAsync(ScriptedConnection.EmptyOk);
            }
            else
            {
                await connection.SendAsync("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
            }
        });
        using var client = CreateClient(proxy, TlsUpgradeMode.OnDemand);
        using var response = await client.GetAsync("http://a.test/x");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.GetTlsUpgradeInfo().IsTunnelled);
        Assert.Equal(
            ["GET http://a.test/x HTTP/1.1", "CONNECT a.test:80 HTTP/1.1", "OPTIONS * HTTP/1.1", "GET /x HTTP/1.1"],
            proxy.Heads.Select(head => head.Split("\r\n")[0]));
    }

    [Fact]
    public async Task Preferred_ProxyRefusesTheTunnel_AsksTheProxyInClearText()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                await connection.SendAsync(head.StartsWith("CONNECT", StringComparison.Ordinal)
                    ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
                    : ScriptedConnection.EmptyOk);
            }
        });
        using var client = CreateClient(proxy, TlsUpgradeMode.Preferred);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync("http://a.test/x");
            Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
        }

        Assert.Equal(
            ["CONNECT a.test:80 HTTP/1.1", "GET http://a.test/x HTTP/1.1", "GET http://a.test/x HTTP/1.1"],
            proxy.Heads.Select(head => head.Split("\r\n")[0]));
    }

    [Fact]
    public async Task Preferred_OriginRefusesInTheTunnel_AsksTheProxyInClearText()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                await connection.SendAsync(head.StartsWith("CONNECT", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\n\r\n"
                    : head.StartsWith("OPTIONS", StringComparison.Ordinal) ? "HTTP/1.1 501 No\r\nContent-Length: 0\r\n\r\n"
                    : ScriptedConnection.EmptyOk);
            }
        });
        using var client = CreateClient(proxy, TlsUpgradeMode.Preferred);
        using var response = await client.GetAsync("http://a.test/x");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("GET http://a.test/x HTTP/1.1", proxy.Heads[2].Split("\r\n")[0]);
        Assert.Equal(2, proxy.Connections.Length);
    }

    [Fact]
    public async Task RequiredAndUnreachableProxy_Fails()
    {
        await using var proxy = new ScriptedServer(_ => Task.CompletedTask);
        using var client = CreateClient(proxy);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://a.test/"));
        Assert.NotEqual(HttpRequestError.Unknown, exception.HttpRequestError);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 Conn")]
    public async Task ProxyResetsTheConnectionBeforeThereIsATunnel_IsAConnectionError(string answer)
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(answer);
            connection.Reset();
        });
        using var client = CreateClient(proxy);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://a.test/"));
        Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
        Assert.Contains("a.test:80", exception.Message);
    }

    [Fact]
    public async Task OriginRefusesInTheTunnel_ItsAnswerIsAsItCame()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 226 IM Used\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        using var client = CreateClient(proxy);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://a.test/"));
        Assert.Equal(HttpStatusCode.IMUsed, exception.StatusCode);
    }

    [Fact]
    public async Task BypassedHost_IsDialedDirectly()
    {
        await using var proxy = new ScriptedServer(connection => connection.ReadToEndAsync());
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = CreateClient(proxy, handler: handler => ((WebProxy)handler.Proxy!).BypassList = ["127"]);
        using var response = await client.GetAsync(server.Uri);
        Assert.True(response.GetTlsUpgradeInfo() is { IsUpgraded: true, IsTunnelled: false });
        Assert.Empty(proxy.Connections);
    }

    [Fact]
    public async Task SocksProxy_CarriesTheUpgrade()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            // RFC 1928: greeting without authentication, then CONNECT to a domain name.
            await connection.ReadTextAsync(3);
            await connection.SendAsync("\x05\x00");
            await connection.ReadTextAsync(5 + "a.test".Length + 2);
            await connection.SendAsync("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00");
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = CreateClient(proxy, handler: handler => handler.Proxy = new WebProxy($"socks5://127.0.0.1:{proxy.Port}"));
        using var response = await client.GetAsync("http://a.test/");
        Assert.True(response.GetTlsUpgradeInfo() is { IsUpgraded: true, IsTunnelled: true });
    }

    [Fact]
    public async Task ProxyBehindTls_CarriesTheUpgrade()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.StartTlsAsync(options => options.ApplicationProtocols = null);
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await connection.UpgradeInsideTlsAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = CreateClient(proxy, handler: handler => handler.Proxy = new WebProxy($"https://127.0.0.1:{proxy.Port}"));
        using var response = await client.GetAsync("http://a.test/");
        Assert.True(response.GetTlsUpgradeInfo() is { IsUpgraded: true, IsTunnelled: true });
    }

    /// <summary>Asked by origin: connections are pooled so, and a redirect may have changed the request's path meanwhile.</summary>
    [Fact]
    public async Task PlatformProxy_IsAskedForByOrigin()
    {
        var log = new List<Uri>();
        await using var proxy = new ScriptedServer(connection => TunnelAsync(connection));
        using var client = CreateClient(proxy, handler: handler => handler.Proxy = new RecordingProxy(new Uri(proxy.Uri), log));
        using var response = await client.GetAsync("http://a.test/path");
        Assert.Equal(new Uri("http://a.test/"), Assert.Single(log));
    }

    /// <summary>What the environment variables and the system say is in HttpClient.DefaultProxy.</summary>
    [Fact]
    public async Task DefaultProxy_IsUsedWhereNoneIsSet()
    {
        await using var proxy = new ScriptedServer(connection => TunnelAsync(connection));
        var before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy(proxy.Uri);
        try
        {
            using var client = CreateClient(proxy, handler: handler => handler.Proxy = null);
            using var response = await client.GetAsync("http://a.test/");
            Assert.True(response.GetTlsUpgradeInfo().IsTunnelled);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    private sealed class RecordingProxy(Uri address, List<Uri> log) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination)
        {
            log.Add(destination);
            return address;
        }

        public bool IsBypassed(Uri host) => false;
    }
}
