using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Attacks;

/// <summary>A CONNECT that is not the first request. What follows it is never run as a request (RFC 9931 section 8).</summary>
public sealed class LaterConnectTests
{
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private readonly ConcurrentQueue<string> _served = [];

    private static string Connect(string authority, string fields = "") => $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{fields}\r\n";

    private void Serve(WebApplication app) => app.Run(async context =>
    {
        _served.Enqueue($"{context.Request.Method} {context.Request.Path}");
        using var content = new StreamReader(context.Request.Body);
        await context.Response.WriteAsync(await content.ReadToEndAsync());
    });

    private Task<UpgradeServer> StartAsync(Action<ListenOptions>? endpoint = null, Action<IServiceCollection>? services = null) =>
        TunnelProxy.StartAsync(endpoint: endpoint, services: services, app: Serve);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 1)]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 1)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 2)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 2)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 2)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nC", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nCONNECT ", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\ncontent-length:  08 \r\n\r\nCONNECT ", 1)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: +8\r\n\r\nCONNECT ", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +8\r\n\r\nCONNECT ", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n8;x=y\r\nCONNECT \r\n0\r\nX: y\r\n\r\n", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: CHUNKED\r\n\r\n1\r\nC\r\n0A\r\n0123456789\r\n0\r\n\r\n", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:{spaces}8\r\n\r\nCONNECT ", 1)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:{spaces}chunked\r\n\r\n8;{spaces}\r\nCONNECT \r\n0\r\n\r\n", 1)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", 1)]
    public async Task P23_A17_BehindRequestsThatWereServed_400AndNothingBehindItIsProcessed(string requests, int count)
    {
        await using var origin = Origin.Echo();
        requests = requests.Replace("{spaces}", new string(' ', 5000), StringComparison.Ordinal);
        foreach (var way in new[] { "one", "pieces", "slowly", "bytes" })
        {
            _served.Clear();
            await using var proxy = await StartAsync();
            await using var connection = await proxy.ConnectAsync();
            await SendAsync(connection, requests, Connect(origin.Authority) + Smuggled, way);
            var answers = await connection.ReadToEndAsync();
            Assert.Equal(count, _served.Count);
            Assert.DoesNotContain("CONNECT ", string.Join("\n", _served), StringComparison.Ordinal);
            Assert.Equal(count + 1, answers.Split("HTTP/1.1 ").Length - 1);
            var refusal = answers[answers.LastIndexOf("HTTP/1.1 ", StringComparison.Ordinal)..];
            Assert.StartsWith("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n", refusal, StringComparison.Ordinal);
            Assert.Contains("Proxy-Status: kestrel; error=http_request_error", refusal, StringComparison.Ordinal);
            await proxy.EndedAsync("bad_request");
        }

        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData(1, "one")]
    [InlineData(1, "pieces")]
    [InlineData(1, "bytes")]
    [InlineData(2, "one")]
    [InlineData(2, "bytes")]
    [InlineData(5, "one")]
    [InlineData(5, "slowly")]
    public async Task BehindOptionsOnly_IsATunnel(int count, string way)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        var options = string.Concat(Enumerable.Repeat("OPTIONS * HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", count));
        await SendAsync(connection, options, Connect(origin.Authority) + "GET /early", way);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        connection.Shutdown();
        Assert.Equal("GET /early", await connection.ReadToEndAsync());
        Assert.Equal(count, _served.Count);
    }

    [Fact]
    public async Task A17_BehindManyEmptyLines_400AndNothingBehindItIsProcessed()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        foreach (var lines in new[] { 33, 200, 10_000 })
        {
            await using var connection = await proxy.ConnectAsync();
            await connection.SendAsync(string.Concat(Enumerable.Repeat("\r\n", lines)) + Connect(origin.Authority) + Smuggled);
            Assert.Equal(400, (await connection.ReadRefusalAsync()).Status);
        }

        Assert.Empty(_served);
        Assert.Equal(0, origin.Count);
    }

    /// <summary>Kestrel judges a beginning that is not followed by more in time. The rest may still come.</summary>
    [Fact]
    public async Task A17_RestOfAConnectComesLate_400AndNothingBehindItIsProcessed()
    {
        var time = new FakeTimeProvider();
        var isWithHttp = new TaskCompletionSource();
        await using var origin = Origin.Echo();
        await using var proxy = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Services.SetServerClock(time);
                builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
                {
                    listen.UseConnectTunnel(TunnelProxy.AllowLoopback);
                    listen.Use(next => connection =>
                    {
                        isWithHttp.SetResult();
                        return next(connection);
                    });
                }));
            },
            Serve);
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("C");
        while (!isWithHttp.Task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(isWithHttp.Task, Task.Delay(20));
        }

        await connection.SendAsync(Connect(origin.Authority)[1..] + Smuggled);
        Assert.Equal(400, (await connection.ReadResponseAsync()).Status);
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Empty(_served);
        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData("direct")]
    [InlineData("upgraded")]
    public async Task A17_InsideTlsOfAnUpgradeEndpoint_400AndNothingBehindItIsProcessed(string tls)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync(
            listen => listen.UseTlsUpgrade(options =>
            {
                options.Https.ServerCertificate = TestCertificates.Server;
                options.DirectTls = DirectTlsMode.Any;
                options.AcceptedClients = TlsUpgradeClientMode.Compatible;
            }),
            services => services.AddTlsUpgrade());
        await using var connection = await proxy.ConnectAsync();
        if (tls == "upgraded")
        {
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n");
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        }

        await connection.StartTlsAsync();
        if (tls == "direct")
        {
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        }

        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(Connect(origin.Authority) + Smuggled);
        Assert.Equal(400, (await connection.ReadResponseAsync()).Status);
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
        Assert.Single(_served);
        Assert.Equal(0, origin.Count);
    }

    /// <summary>Content and upgraded protocols may look like a CONNECT, wherever a segment begins.</summary>
    [Fact]
    public async Task ContentThatLooksLikeAConnect_IsServed()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        foreach (var framing in new[] { "Content-Length: 26\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1A\r\n" })
        {
            var text = "0\r\n\r\nCONNECT a HTTP/1.1\r\n\r\n"[..26];
            await connection.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\n{framing}");
            await connection.SendAsync(text[..5]);
            await Settling.UntilAsync(() => !_served.IsEmpty, () => "a request that is not served");
            await connection.SendAsync(text[5..]);
            await connection.SendAsync(framing[0] == 'T' ? "\r\n0\r\n\r\n" : "");
            Assert.Equal(text, (await connection.ReadResponseAsync()).Content);
            _served.Clear();
        }
    }

    /// <summary>Where content ends is Kestrel's to say, in every spelling that it accepts.</summary>
    [Fact]
    public async Task ContentLength_MeansWhatItMeansWithoutTunnels()
    {
        const string Content = "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test\r\n\r\n";
        await using var proxy = await StartAsync();
        await using var plain = await TunnelProxy.StartAsync(options => options.Enabled = false, app: Serve);
        string[] lengths =
        [
            .. from sign in new[] { "", "+", "-", "++", "+ " }
               from zeros in new[] { "", "0", new string('0', 40) }
               from digits in new[] { $"{Content.Length}", "0", "" }
               from space in new[] { "", "\t  " }
               select $"{space}{sign}{zeros}{digits}{space}",
            "9223372036854775808", "+9223372036854775808", "18446744073709551662", "4 6", "46,46", "46;", "46.0", "4,6",
            "0x2E", "2E", "46\u000b",
        ];
        var accepted = 0;
        foreach (var length in lengths)
        {
            var request = $"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:{length}\r\n\r\n{Content}GET http://bank.example/ HTTP/1.1\r\nHost: bank.example\r\n\r\n";
            var without = await FirstAsync(plain, request);
            accepted += without.Status == 200 ? 1 : 0;
            Assert.Equal((length, without), (length, await FirstAsync(proxy, request)));
        }

        Assert.InRange(accepted, 10, lengths.Length - 10);
    }

    private static async Task<(int Status, string Content)> FirstAsync(UpgradeServer server, string request)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(request);
        var response = await connection.ReadResponseAsync();
        return (response.Status, response.Content);
    }

    [Fact]
    public async Task UpgradedConnection_ThatSpeaksOfConnect_IsTheApplications()
    {
        await using var proxy = await TunnelProxy.StartAsync(app: app => app.Run(async context =>
        {
            var upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
            await using var stream = await upgrade.UpgradeAsync();
            await stream.CopyToAsync(stream);
        }));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(Connect("a.test:443"));
        Assert.Equal(Connect("a.test:443"), Encoding.ASCII.GetString(await connection.ReadAsync(Connect("a.test:443").Length)));
    }

    /// <summary>In HTTP/2 a CONNECT is a stream's, and the application's (RFC 8441).</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task WebSocketInTls_IsTheApplications(int major, int minor)
    {
        await using var proxy = await TunnelProxy.StartAsync(
            endpoint: listen => listen.UseHttps(TestCertificates.Server),
            app: app => ((IApplicationBuilder)app).UseWebSockets().Run(async context =>
            {
                _served.Enqueue($"{context.Request.Method} {context.Request.Protocol}");
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                var message = new byte[100];
                var received = await socket.ReceiveAsync(message, context.RequestAborted);
                await socket.SendAsync(message.AsMemory(0, received.Count), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
            }));
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(major, minor);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
        using var patience = new CancellationTokenSource(RawConnection.Patience);
        await socket.ConnectAsync(new Uri($"wss://localhost:{proxy.Port}/"), client, patience.Token);
        var message = Encoding.ASCII.GetBytes(Connect("a.test:443"));
        await socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, patience.Token);
        var echo = new byte[message.Length];
        await socket.ReceiveAsync(echo, patience.Token);
        Assert.Equal(message, echo);
        Assert.Equal(major == 2 ? "CONNECT HTTP/2" : "GET HTTP/1.1", Assert.Single(_served));
    }

    /// <summary>Sends the requests and what follows, in as many segments as the test says.</summary>
    private static async Task SendAsync(RawConnection connection, string requests, string last, string way)
    {
        switch (way)
        {
            case "one":
                await connection.SendAsync(requests + last);
                break;

            case "pieces":
                await connection.SendAsync(requests[..(requests.Length / 2)]);
                await connection.SendAsync(requests[(requests.Length / 2)..] + last[..4]);
                await connection.SendAsync(last[4..]);
                break;

            case "slowly":
                await connection.SendAsync(requests);
                await connection.SendAsync(last);
                break;

            default:
                foreach (var one in Encoding.Latin1.GetBytes(requests + last))
                {
                    await connection.SendAsync(new[] { one });
                }

                break;
        }
    }
}
