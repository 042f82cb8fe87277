using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Interop;

/// <summary>Tunnels through another proxy (RFC 2817 section 5.2).</summary>
public sealed class ChainTests
{
    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static Origin Answer(string answer, List<string> heads) => new(async stream =>
    {
        heads.Add(await ReadHeadAsync(stream));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        if (answer.Contains("HTTP/1.1 200", StringComparison.Ordinal))
        {
            await stream.CopyToAsync(stream);
        }
    });

    [Fact]
    public async Task P21_P22_NextProxyOpens_ItSeesTheSameAuthorityAndItsFramingIsIgnored()
    {
        var heads = new List<string>();
        await using var next = Answer("HTTP/1.1 100 X\r\n\r\nHTTP/1.1 200 X\r\nContent-Length: 9\r\nX: y\r\n\r\nbanner", heads);
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        await using var connection = await proxy.TunnelAsync("A.test:443", "Proxy-Authorization: Basic c2VjcmV0\r\nX: y\r\n", early: "early");
        Assert.Equal("bannerearly", Encoding.ASCII.GetString(await connection.ReadAsync(11)));
        Assert.Equal("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n", Assert.Single(heads));
    }

    [Fact]
    public async Task P08_Credentials_AreTheProxysOwnOrTheCallersIfAskedFor()
    {
        var heads = new List<string>();
        await using var next = Answer("HTTP/1.1 200 X\r\n\r\n", heads);
        await using (var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://u%40:p%C3%A4@127.0.0.1:{next.Port}")))
        {
            await using var connection = await proxy.TunnelAsync("a.test:443", "Proxy-Authorization: Basic c2VjcmV0\r\n");
            Assert.Contains($"\r\nProxy-Authorization: Basic {Convert.ToBase64String("u@:pä"u8)}\r\n", heads[^1]);
            Assert.DoesNotContain("c2VjcmV0", heads[^1]);
        }

        await using (var proxy = await TunnelProxy.StartAsync(options =>
            (options.UpstreamProxy, options.ForwardProxyAuthorization) = (new Uri($"http://127.0.0.1:{next.Port}"), true)))
        {
            await using var connection = await proxy.TunnelAsync("[2A00::1]:443", "Proxy-Authorization: Basic c2VjcmV0\r\n");
            await using var anonymous = await proxy.TunnelAsync("a.test:443");
            Assert.Contains("CONNECT [2a00::1]:443 HTTP/1.1\r\n", heads[^2]);
            Assert.Contains("\r\nProxy-Authorization: Basic c2VjcmV0\r\n", heads[^2]);
            Assert.DoesNotContain("Proxy-Authorization", heads[^1]);
        }
    }

    [Theory]
    [InlineData("403 X\r\nContent-Type: text/html\r\nX-Own: y\r\nConnection: keep-alive\r\nContent-Length: 4", false, 403)]
    [InlineData("503 X\r\nRetry-After: 9\r\nContent-Length: 4", false, 503)]
    [InlineData("407 X\r\nProxy-Authenticate: Basic realm=\"b\"\r\nContent-Length: 4", true, 407)]
    [InlineData("407 X\r\nProxy-Authenticate: Basic realm=\"b\"\r\nContent-Length: 4", false, 502)]
    [InlineData("407 X\r\nContent-Length: 4", true, 502)]
    [InlineData("302 X\r\nLocation: http://b.test/\r\nContent-Length: 4", false, 502)]
    [InlineData("421 X\r\nContent-Length: 4", false, 502)]
    [InlineData("426 X\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\nContent-Length: 4", false, 502)]
    [InlineData("401 X\r\nWWW-Authenticate: Basic realm=\"b\"\r\nContent-Length: 4", true, 502)]
    [InlineData("408 X\r\nContent-Length: 4", false, 502)]
    [InlineData("101 X", false, 502)]
    [InlineData("nonsense", false, 502)]
    public async Task P22_P27_NextProxyRefuses_IsPassedOnWhereItMeansTheSame(string answer, bool isForwarding, int expected)
    {
        await using var next = Answer($"HTTP/1.1 {answer}\r\nProxy-Status: b; error=x\r\n\r\nabcd", []);
        await using var proxy = await TunnelProxy.StartAsync(options =>
            (options.UpstreamProxy, options.ForwardProxyAuthorization) = (new Uri($"http://127.0.0.1:{next.Port}"), isForwarding));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(expected, response.Status);
        Assert.Equal("close", response["Connection"]);
        Assert.Null(response["X-Own"]);
        Assert.Null(response["Location"]);
        Assert.Null(response["Upgrade"]);
        Assert.Null(response["WWW-Authenticate"]);
        Assert.Equal(expected == 502, response.Content != "abcd");
        Assert.Equal(expected == 407 ? "Basic realm=\"b\"" : null, response["Proxy-Authenticate"]);
        Assert.Equal(expected == 503 ? "9" : null, response["Retry-After"]);
        if (expected != 502)
        {
            Assert.Equal($"b; error=x, kestrel; received-status={expected}", response["Proxy-Status"]);
        }
    }

    [Theory]
    [InlineData("HTTP/1.0 403 X\r\nContent-Type: text/html\r\n\r\nreason", "reason")]
    [InlineData("HTTP/1.1 403 X\r\nConnection: close\r\n\r\nreason", "reason")]
    [InlineData("HTTP/1.1 403 X\r\n\r\n", "")]
    [InlineData("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nrea\r\n3;x=y\r\nson\r\n0\r\nX: y\r\n\r\n", "reason")]
    [InlineData("HTTP/1.1 403 X\r\nTransfer-Encoding: Chunked\r\nContent-Length: 1\r\n\r\n6\r\nreason\r\n0\r\n\r\n", "reason")]
    [InlineData("HTTP/1.1 403 X\r\nContent-Length: 6\r\nContent-Length: 6\r\n\r\nreasonHTTP/1.1 200 X\r\n\r\n", "reason")]
    [InlineData("HTTP/1.1 403 X\r\nContent-Length: 9\r\n\r\nreason", "")]
    [InlineData("HTTP/1.1 403 X\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\nreason", "")]
    [InlineData("HTTP/1.1 403 X\r\nContent-Length: -6\r\n\r\nreason", "")]
    [InlineData("HTTP/1.1 403 X\r\nTransfer-Encoding: gzip, chunked\r\n\r\n6\r\nreason\r\n0\r\n\r\n", "")]
    [InlineData("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nreason\r\n", "")]
    [InlineData("HTTP/1.1 403 X\r\nTransfer-Encoding: chunked\r\n\r\nreason", "")]
    public async Task P22_ContentOfTheNextProxy_IsPassedOnIfItIsWhole(string answer, string content)
    {
        await using var next = Answer(answer, []);
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        var response = await proxy.AskForRefusalAsync();
        Assert.Equal((403, content), (response.Status, response.Content));
        Assert.Equal($"{content.Length}", response["Content-Length"]);
        Assert.Null(response["Transfer-Encoding"]);
    }

    [Theory]
    [InlineData("", 32 * 1024, true)]
    [InlineData("", (32 * 1024) + 1, false)]
    [InlineData("Content-Length: 32768\r\n", 32 * 1024, true)]
    [InlineData("Content-Length: 32769\r\n", (32 * 1024) + 1, false)]
    public async Task ContentOfTheNextProxy_HasALimit(string field, int length, bool isPassedOn)
    {
        await using var next = Answer($"HTTP/1.1 403 X\r\n{field}\r\n{new string('a', length)}", []);
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        Assert.Equal(isPassedOn ? length : 0, (await proxy.AskForRefusalAsync()).Content.Length);
    }

    /// <summary>The caller waits for the status, which is there. On the same clock the connection would time out after 15 s.</summary>
    [Theory]
    [InlineData("Content-Length: 9\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "")]
    [InlineData("", "6\r\nrea")]
    public async Task ContentThatStalls_IsNotWaitedForLong(string field, string content)
    {
        var time = new FakeTimeProvider();
        var isAsked = new TaskCompletionSource();
        await using var next = new Origin(async stream =>
        {
            await ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"b\"\r\n{field}\r\n6\r\nrea"));
            isAsked.SetResult();
            await stream.CopyToAsync(Stream.Null);
        });
        await using var proxy = await TunnelProxy.StartAsync(
            options => (options.UpstreamProxy, options.ForwardProxyAuthorization) = (new Uri($"http://127.0.0.1:{next.Port}"), true),
            services: services => services.SetServerClock(time));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n");
        await isAsked.Task;
        var answer = connection.ReadResponseAsync();
        for (var seconds = 0.0; !answer.IsCompleted && seconds < 10; seconds += 0.1)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.WhenAny(answer, Task.Delay(20));
        }

        var response = await answer;
        Assert.Equal((407, content), (response.Status, response.Content));
    }

    [Theory]
    [InlineData("b; error=x, \"c d\"; received-status=403;next-hop=\"a\\\"b\";x;y=?1;z=:YQ==:;u=1.5;v=-3;w=@1;t=%\"%c3%a4\"", true)]
    [InlineData("b,c", true)]
    [InlineData("b; error", true)]
    [InlineData("b; details=\"x", false)]
    [InlineData("\"b", false)]
    [InlineData("b;", false)]
    [InlineData("b; Error=x", false)]
    [InlineData("b error", false)]
    [InlineData("b,", false)]
    [InlineData(",b", false)]
    [InlineData("b,,c", false)]
    [InlineData("(b c)", false)]
    [InlineData("9", false)]
    [InlineData("b; x=1.", false)]
    [InlineData("b; x=1234567890123456", false)]
    [InlineData("b; x=:YQ=", false)]
    [InlineData("b; x=?2", false)]
    [InlineData("b; x=%\"%C3\"", false)]
    [InlineData("b; x=\"\\n\"", false)]
    [InlineData("b; x=\"\xE4\"", false)]
    [InlineData("", false)]
    public async Task ProxyStatusOfTheNextProxy_IsOnlyPassedOnIfItIsAList(string value, bool isList)
    {
        await using var next = new Origin(async stream =>
        {
            await ReadHeadAsync(stream);
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 403 X\r\nProxy-Status: {value}\r\nContent-Length: 0\r\n\r\n"));
        });
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        Assert.Equal($"{(isList ? $"{value}, " : "")}kestrel; received-status=403", (await proxy.AskForRefusalAsync())["Proxy-Status"]);
    }

    [Theory]
    [InlineData("HTTP/1.1 403 X\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 403 X\r\nContent-Length: 0\n\r\n")]
    [InlineData("HTTP/1.1 200 X\r\n\n")]
    public async Task BareLineFeedOfTheNextProxy_502(string answer)
    {
        await using var next = Answer(answer, []);
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        Assert.Equal(502, (await proxy.AskForRefusalAsync()).Status);
    }

    [Fact]
    public async Task NextProxyCloses_502()
    {
        await using var next = new Origin(ReadHeadAsync);
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        Assert.Equal(502, (await proxy.RefusedTargetAsync("a.test:443")).Status);
    }

    [Fact]
    public async Task NextProxyIsSilent_504()
    {
        await using var next = new Origin(stream => stream.CopyToAsync(Stream.Null));
        await using var proxy = await TunnelProxy.StartAsync(options =>
            (options.UpstreamProxy, options.ConnectTimeout) = (new Uri($"http://127.0.0.1:{next.Port}"), TimeSpan.FromSeconds(1)));
        Assert.Equal(504, (await proxy.RefusedTargetAsync("a.test:443")).Status);
    }

    [Fact]
    public async Task NextProxyFloods_502()
    {
        await using var next = Answer($"HTTP/1.1 200 X\r\nA: {new string('a', 40_000)}\r\n\r\n", []);
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        Assert.Equal(502, (await proxy.RefusedTargetAsync("a.test:443")).Status);
    }

    [Fact]
    public async Task A18_ThroughNextProxy_AddressesAndLoopbackNamesAreStillChecked()
    {
        var heads = new List<string>();
        await using var next = Answer("HTTP/1.1 200 X\r\n\r\n", heads);
        await using var proxy = await TunnelProxy.StartClosedAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        foreach (var host in new[] { "127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254" })
        {
            Assert.Equal(403, (await proxy.RefusedTargetAsync($"{host}:443")).Status);
        }

        Assert.Equal(403, (await proxy.RefusedTargetAsync("a.test:25")).Status);
        Assert.Empty(heads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ThroughItself_OverHttps(bool isTrusted)
    {
        await using var origin = Origin.Echo();
        await using var second = await TunnelProxy.StartAsync(endpoint: listen => listen.UseHttps(TestCertificates.Server));
        await using var first = await TunnelProxy.StartAsync(options =>
        {
            options.UpstreamProxy = new Uri($"https://localhost:{second.Port}");
            options.UpstreamProxySsl = !isTrusted ? null : new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    certificate!.GetCertHashString() == TestCertificates.Server.Thumbprint,
            };
        });
        if (!isTrusted)
        {
            Assert.Equal(502, (await first.RefusedTargetAsync(origin.Authority)).Status);
            return;
        }

        await using var connection = await first.TunnelAsync(origin.Authority, early: "hello");
        connection.Shutdown();
        Assert.Equal("hello", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task Squid_WithPassword()
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: true);
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://user:secret@127.0.0.1:{squid.Port}"));
        await using (var connection = await proxy.TunnelAsync(origin.Authority, early: "hello"))
        {
            Assert.Equal("hello", Encoding.ASCII.GetString(await connection.ReadAsync(5)));
        }

        await using var anonymous = await TunnelProxy.StartAsync(options =>
            (options.UpstreamProxy, options.ForwardProxyAuthorization) = (new Uri($"http://127.0.0.1:{squid.Port}"), true));
        var response = await anonymous.RefusedAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\n").WaitAsync(RawConnection.Patience);
        Assert.Equal(407, response.Status);
        Assert.StartsWith("Basic", response["Proxy-Authenticate"]);
    }

    [Theory]
    [InlineData("squid")]
    [InlineData("tinyproxy")]
    public async Task RealProxy_ThatRefuses_ItsReasonArrives(string program)
    {
        int port;
        await using (var gone = Origin.Echo())
        {
            port = gone.Port;
        }

        await using var peer = program == "squid" ? await PeerProcess.StartSquidAsync(withPassword: false) : await PeerProcess.StartTinyproxyAsync();
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{peer.Port}"));
        var response = await proxy.AskForRefusalAsync($"127.0.0.1:{port}");
        Assert.InRange(response.Status, 500, 503);
        Assert.Contains(program, response.Content, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("text/html", response["Content-Type"]);
    }

    [Fact]
    public async Task Tinyproxy_Opens()
    {
        await using var tinyproxy = await PeerProcess.StartTinyproxyAsync();
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{tinyproxy.Port}"));
        await using var connection = await proxy.TunnelAsync(origin.Authority, early: "hello");
        Assert.Equal("hello", Encoding.ASCII.GetString(await connection.ReadAsync(5)));
    }
}

file static class Refusals
{
    public static async Task<RawResponse> AskForRefusalAsync(this UpgradeServer proxy, string authority = "a.test:443")
    {
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        return await connection.ReadResponseAsync();
    }
}
