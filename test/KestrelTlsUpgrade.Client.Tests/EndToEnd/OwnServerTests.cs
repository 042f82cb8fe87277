using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Client.Tests.EndToEnd;

/// <summary>Against our own server in real Kestrel.</summary>
public sealed class OwnServerTests
{
    private static void Map(WebApplication app)
    {
        app.MapPost("/secret", async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync($"{context.Request.Scheme} {await reader.ReadToEndAsync()}");
        }).RequireTlsUpgrade();
        app.MapFallback(UpgradeServer.DescribeAsync);
    }

    [Theory]
    [CombinatorialModes]
    public async Task Requests_InEachMode_AreAnswered(TlsUpgradeMode mode, TlsUpgradeClientMode clients)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.AcceptedClients = clients, app: Map);
        using var client = TestClient.Create(mode);
        var uri = $"http://localhost:{server.Port}/";
        for (var i = 0; i < 3; i++)
        {
            using var posted = await client.PostAsync(uri + "secret", new StringContent("content"));
            Assert.Equal("https content", await posted.Content.ReadAsStringAsync());
            Assert.True(posted.GetTlsUpgradeInfo().IsUpgraded);
            Assert.True(posted.GetTlsUpgradeInfo().IsRequestConfirmed);
            using var response = await client.GetAsync(uri + "x");
            Assert.Contains("GET /x scheme=https state=Upgraded token=TLS/1.3 replayed=False aware=True", await response.Content.ReadAsStringAsync());
            using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, uri));
            Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        }
    }

    [Theory]
    [CombinatorialModes]
    public async Task SynchronousSend_Works(TlsUpgradeMode mode, TlsUpgradeClientMode clients)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.AcceptedClients = clients, app: Map);
        using var client = TestClient.Create(mode);
        await Task.Run(() =>
        {
            for (var i = 0; i < 3; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"http://localhost:{server.Port}/secret") { Content = new StringContent("content") };
                using var response = client.Send(request);
                using var reader = new StreamReader(response.Content.ReadAsStream());
                Assert.Equal("https content", reader.ReadToEnd());
                Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
            }
        });
    }

    /// <summary>A response that only the end of the connection delimits: the server cuts it without close_notify.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task C64_ResponseIsCutAndEndsWithTheConnection_IsAnError(bool isWhole)
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            if (!isWhole)
            {
                throw new InvalidTimeZoneException();
            }
        }));
        server.IsExpected = line => line.Exception is InvalidTimeZoneException;
        using var client = TestClient.Create();
        async Task<string> AskAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://localhost:{server.Port}/") { Version = HttpVersion.Version10 };
            using var response = await client.SendAsync(request);
            return await response.Content.ReadAsStringAsync();
        }

        if (isWhole)
        {
            Assert.Equal("half", await AskAsync());
        }
        else
        {
            await Assert.ThrowsAsync<HttpRequestException>(AskAsync);
        }
    }

    [Fact]
    public async Task Preferred_StockKestrel_GoesOnInClearText()
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false);
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync($"http://localhost:{server.Port}/x");
            Assert.Contains("scheme=http ", await response.Content.ReadAsStringAsync());
            Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
        }
    }

    [Fact]
    public async Task OnDemand_Advertisement_IsTakenUp()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Advertise = TlsUpgradeAdvertisement.OncePerConnection);
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        Assert.Contains("state=Plaintext", await client.GetStringAsync($"http://localhost:{server.Port}/x"));
        Assert.Contains("state=Upgraded", await client.GetStringAsync($"http://localhost:{server.Port}/x"));
    }

    /// <summary>Only after the upgrade, and only where it is set (C-34, A-09).</summary>
    [Fact]
    public async Task ClientCertificate_ArrivesInsideTls()
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.Https.ClientCertificateMode = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.AllowCertificate;
            options.Https.AllowAnyClientCertificate();
        });
        using var client = TestClient.Create(configure: options => options.SslOptions.ClientCertificates = [TestCertificates.Client]);
        Assert.Contains("certificate=CN=client", await client.GetStringAsync($"http://localhost:{server.Port}/x"));
    }

    [Fact]
    public async Task LargeContent_BothWays_IsWhole()
    {
        await using var server = await UpgradeServer.StartAsync(app: static (WebApplication app) => app.Run(async context =>
        {
            context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
            using var content = new MemoryStream();
            await context.Request.Body.CopyToAsync(content);
            await context.Response.Body.WriteAsync(content.ToArray());
        }));
        using var client = TestClient.Create();
        var bytes = new byte[10_000_000];
        new Random(1).NextBytes(bytes);
        using var response = await client.PostAsync($"http://localhost:{server.Port}/", new ByteArrayContent(bytes));
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>WebSocket over an upgraded connection: <c>ws://</c> is a scheme in clear text like <c>http://</c>.</summary>
    [Fact]
    public async Task WebSocket_GoesOverTheUpgradedConnection()
    {
        await using var server = await UpgradeServer.StartAsync(app: static (WebApplication app) =>
        {
            app.UseWebSockets();
            app.Run(async context =>
            {
                if (!context.WebSockets.IsWebSocketRequest)
                {
                    return;
                }

                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                var text = System.Text.Encoding.UTF8.GetBytes(context.Request.Scheme);
                await socket.SendAsync(text, System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
                await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            });
        });
        using var invoker = new HttpMessageInvoker(TestClient.CreateHandler());
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://localhost:{server.Port}/"), invoker, CancellationToken.None);
        var buffer = new byte[10];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Equal("https", System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count));
        await socket.CloseAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }
}
