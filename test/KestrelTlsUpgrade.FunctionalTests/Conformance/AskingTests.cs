using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-27 to S-33: asking for an upgrade.</summary>
public sealed class AskingTests
{
    [Fact]
    public async Task S27_ByDefault_NotAdvertised()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Null((await connection.ReadResponseAsync())["Upgrade"]);
    }

    [Fact]
    public async Task S28_S29_S31_RequiredInClearText_UpgradeRequired()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        foreach (var _ in new int[3])
        {
            await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
            var response = await connection.ReadResponseAsync();
            Assert.Equal("HTTP/1.1 426 Upgrade Required", response.StatusLine);
            Assert.Equal("TLS/1.3, TLS/1.2, HTTP/1.1", response["Upgrade"]);
            Assert.Equal("keep-alive, Upgrade", response["Connection"]);
            Assert.NotEmpty(response.Content);
            Assert.NotNull(response["Content-Type"]);
        }
    }

    [Fact]
    public async Task S29_Head_NoContent()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("HEAD /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync(toHead: true)).Status);
        await connection.SendAsync("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("open", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData("GET", "/secret", 200)]
    [InlineData("OPTIONS", "*", 200)]
    public async Task S30_UpgradeAfterUpgradeRequired_OnTheSameConnection(string method, string target, int status)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        await connection.UpgradeAsync(Request(method, target));
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("secret", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task S30_TlsStraightAfterUpgradeRequired_Refused()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await connection.ReadResponseAsync();
        await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2F));
        Assert.StartsWith("HTTP/1.1 400", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task S33_NeedForTls_DependsOnResource()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("open", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task S19_ExpectOnRequired_AnsweredAtOnce()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("POST /secret HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>Where there is nothing else that requires TLS, and no filter that would enforce it.</summary>
    [Fact]
    public async Task RequiredOnDynamicEndpoint_NeverServedInClearText()
    {
        await using var server = await UpgradeServer.StartAsync(
            app: app => app.MapFallbackToController("/any/{**rest}", "Own", "Conventional"),
            services: services => services.AddSingleton<HandlerCalls>().AddControllers().AddApplicationPart(typeof(HandlerCalls).Assembly));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /any/thing HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        await connection.UpgradeAsync(Request(target: "/any/thing"));
        Assert.Equal("ran", (await connection.ReadResponseAsync()).Content);
    }

    private static Task<UpgradeServer> StartAsync() => UpgradeServer.StartAsync(app: app =>
    {
        app.MapGet("/open", () => "open");
        app.MapMethods("/secret", ["GET", "HEAD", "POST"], () => "secret").RequireTlsUpgrade();
    });
}
