using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tunnel.Tests.Conformance;

/// <summary>Whether and how a tunnel is opened (RFC 9110 section 9.3.6).</summary>
public sealed class EstablishingTests
{
    [Fact]
    public async Task P01_P16_Authority_TunnelWithoutFraming()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        await connection.SendAsync("hello");
        Assert.Equal("hello", Encoding.ASCII.GetString(await connection.ReadAsync(5)));
    }

    [Theory]
    [InlineData("a.test")]
    [InlineData("a.test:")]
    [InlineData("a.test:0")]
    [InlineData("a.test:65536")]
    [InlineData("a.test:+443")]
    [InlineData("a.test:44x")]
    [InlineData("a.test:443:443")]
    [InlineData("http://a.test:443/")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("u@a.test:443")]
    [InlineData("a.test:443/x")]
    [InlineData("a.test:443?x=y")]
    [InlineData("127.1:443")]
    [InlineData("2130706433:443")]
    [InlineData("0x7f.1:443")]
    [InlineData("0177.0.0.1:443")]
    [InlineData("[::1%25lo]:443")]
    [InlineData("[::1%lo]:443")]
    [InlineData("127.0.0.1.:443")]
    [InlineData("a.test:443%0d%0aX:%20y")]
    [InlineData("a.test%00:443")]
    [InlineData("\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0.0.1:443")]
    [InlineData("a\xE4.test:443")]
    [InlineData("a\t.test:443")]
    [InlineData("a.test :443")]
    [InlineData("a.test\r:443")]
    [InlineData("a.test\0:443")]
    [InlineData("a.test\x7F:443")]
    public async Task P02_P03_P13_A19_A23_OtherTarget_400AndEnd(string target)
    {
        var resolver = new FakeResolver();
        await using var proxy = await TunnelProxy.StartAsync(services: services => services.Resolve(resolver));
        Assert.Equal(400, (await proxy.RefusedTargetAsync(target)).Status);
        Assert.Equal(0, resolver.Count);
    }

    [Theory]
    [InlineData("  HTTP/1.1")]
    [InlineData("\tHTTP/1.1")]
    [InlineData("?HTTP/1.0")]
    [InlineData(" HTTP/1.1 ")]
    public async Task P13_WrongRequestLine_400AndEnd(string afterTarget)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        Assert.Equal(400, (await proxy.RefusedAsync($"CONNECT {origin.Authority}{afterTarget}\r\nHost: {origin.Authority}\r\n\r\n")).Status);
        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData("Host: a.test:443\n\r\n")]
    [InlineData("Host: a.test:443\r\nX: y\n\n")]
    [InlineData("\r\n")]
    [InlineData("Host: a.test\r\nHost: a.test\r\n\r\n")]
    [InlineData("Host: a b\r\n\r\n")]
    [InlineData("Host:\r\n\r\n")]
    [InlineData("Host : a.test\r\n\r\n")]
    [InlineData("Host: a.test\r\n X: y\r\n\r\n")]
    [InlineData("Host: a.test\r\nX\r\n\r\n")]
    [InlineData("Host: a.test\r\nX: a\0b\r\n\r\n")]
    [InlineData("Host: a.test\r\nX: a\rb\r\n\r\n")]
    [InlineData("Host: a.test\r\nProxy-Authorization: Basic a\r\nProxy-Authorization: Basic b\r\n\r\n")]
    [InlineData("Host: a.test\r\nProxy-Authorization: Basic \xE4\r\n\r\n")]
    public async Task P13_WrongHead_400AndEnd(string fields)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        Assert.Equal(400, (await proxy.RefusedAsync($"CONNECT {origin.Authority} HTTP/1.1\r\n{fields}")).Status);
        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData("Host: 127.0.0.1")]
    [InlineData("host:a.test:1")]
    [InlineData("Host: [::1]:80")]
    public async Task P04_Host_NeedNotHaveThePortAndDoesNotRoute(string host)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\n{host}\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
    }

    [Theory]
    [InlineData("Content-Length: 4\r\n")]
    [InlineData("Content-Length: 00\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: identity\r\n")]
    public async Task P09_Content_400AndDestinationNotContacted(string field)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        Assert.Equal(400, (await proxy.RefusedAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a.test\r\n{field}\r\nabcd")).Status);
        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData("Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n")] // P-10
    [InlineData("Expect: 100-continue\r\n")] // P-11
    [InlineData("Content-Length: 0\r\n")]
    [InlineData("Proxy-Connection: keep-alive\r\nUser-Agent: a\r\nX: \xE4\t\r\n")]
    public async Task P10_P11_OtherFields_MakeNoDifference(string fields)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority, fields);
    }

    [Fact]
    public async Task P14_Http10_TunnelOrRefusalAndThenEnd()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using (var connection = await proxy.ConnectAsync())
        {
            await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.0\r\n\r\nearly");
            Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
            connection.Shutdown();
            Assert.Equal("early", await connection.ReadToEndAsync());
        }

        Assert.Equal(400, (await proxy.RefusedAsync("CONNECT a.test HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n")).Status);
    }

    [Fact]
    public async Task P15_DestinationRefuses_502()
    {
        int port;
        await using (var gone = Origin.Echo())
        {
            port = gone.Port;
        }

        await using var proxy = await TunnelProxy.StartAsync();
        var response = await proxy.RefusedTargetAsync($"127.0.0.1:{port}");
        Assert.Equal(502, response.Status);
        Assert.Contains("error=connection_refused", response["Proxy-Status"]);
    }

    [Fact]
    public async Task P15_DestinationDropsSyn_No2xxAnd504()
    {
        // The queue of a listener that nobody accepts from is full after a few connections: further SYNs go unanswered.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        full.Listen(0);
        var waiting = new List<Socket>();
        for (var i = 0; i < 4; i++)
        {
            waiting.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
            try
            {
                await waiting[i].ConnectAsync(full.LocalEndPoint!).WaitAsync(TimeSpan.FromMilliseconds(50));
            }
            catch (TimeoutException)
            {
            }
        }

        await using var proxy = await TunnelProxy.StartAsync(options => options.ConnectTimeout = TimeSpan.FromSeconds(1));
        var response = await proxy.RefusedTargetAsync(full.LocalEndPoint!.ToString()!);
        Assert.Equal(504, response.Status);
        Assert.Contains("error=connection_timeout", response["Proxy-Status"]);
        waiting.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task P15_NameThatIsNone_502()
    {
        await using var proxy = await TunnelProxy.StartAsync(services: services => services.Resolve(new FakeResolver()));
        var response = await proxy.RefusedTargetAsync("a.test:443");
        Assert.Equal(502, response.Status);
        Assert.Contains("error=dns_error", response["Proxy-Status"]);
    }

    [Fact]
    public async Task P17_BannerOfTheDestination_ComesRightBehindTheAnswer()
    {
        var banner = "\x00\x16banner\r\n\r\n"u8.ToArray();
        await using var origin = new Origin(async stream => await stream.WriteAsync(banner));
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        Assert.Equal(banner, await connection.ReadBytesToEndAsync());
    }

    [Fact]
    public async Task P08_P19_EarlyBytes_AreAllTheDestinationGets()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(
            origin.Authority, "Proxy-Authorization: Basic c2VjcmV0\r\n", early: "\x16\x03\x01GET / HTTP/1.1\r\n\r\n");
        connection.Shutdown();
        Assert.Equal("\x16\x03\x01GET / HTTP/1.1\r\n\r\n", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task EmptyLinesBefore_AreSkipped()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"\r\n\r\nCONNECT {origin.Authority} HTTP/1.1\r\nHost: a.test\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
    }

    [Fact]
    public async Task Head_ByteByByte_IsUnderstood()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        foreach (var one in Encoding.ASCII.GetBytes($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a.test\r\n\r\n"))
        {
            await connection.SendAsync(new[] { one });
        }

        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", true)]
    [InlineData("connect a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nConnection: close\r\n\r\n", true)]
    [InlineData("CONNECTX / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", true)]
    [InlineData("C", false)]
    [InlineData("CONN", false)]
    [InlineData("CONNECT a.test:443 HTTP/1.1\r\nHost: a", false)]
    [InlineData("\0\0\0 \r\n", true)]
    [InlineData("", false)]
    [InlineData("\r\n\r\n\r\n", false)]
    [InlineData("POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 8\r\n\r\nCONNECT GET /2 HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n", true)]
    [InlineData("GET http://localhost:{port}/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n", true)]
    public async Task EverythingElse_AnsweredAsWithoutTheTunnel(string request, bool isComplete)
    {
        static Task ServeAsync(HttpContext context)
        {
            context.Response.Headers.Date = "";
            return context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}");
        }

        static void App(WebApplication app) => app.Run(ServeAsync);

        async Task<string> AskAsync(UpgradeServer server)
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync(request.Replace("{port}", $"{server.Port}", StringComparison.Ordinal));
            if (!isComplete)
            {
                connection.Shutdown();
            }

            return System.Text.RegularExpressions.Regex.Replace(await connection.ReadToEndAsync(), "Date:[^\r]*", "");
        }

        await using var proxy = await TunnelProxy.StartAsync(app: App);
        await using var stock = await TunnelProxy.StartAsync(options => options.Enabled = false, app: App);
        var (expected, actual) = (await AskAsync(stock), await AskAsync(proxy));

        // Whether Kestrel still answers a request that breaks off is a race within Kestrel.
        Assert.True(expected == actual || (!isComplete && (expected == "" || actual == "")), $"{expected}\n{actual}");
    }
}
