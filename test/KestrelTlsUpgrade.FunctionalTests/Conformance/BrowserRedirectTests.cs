using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirement S-32: who is sent to https, and who is not.</summary>
public sealed class BrowserRedirectTests
{
    private const string Asks = "Upgrade-Insecure-Requests: 1\r\n";

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task S32_Browser_SentToHttpsOnTheSamePort(string method)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"{method} /secret?q=%2F HTTP/1.1\r\nHost: localhost:{server.Port}\r\n{Asks}\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(307, response.Status);
        Assert.Equal($"https://localhost:{server.Port}/secret?q=%2F", response["Location"]);
        Assert.Equal("Upgrade-Insecure-Requests", response["Vary"]);
        Assert.Equal("no-store", response["Cache-Control"]);
        Assert.Equal("0", response["Content-Length"]);

        await connection.SendAsync("GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("open", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData("GET", "/open", Asks, 200)]
    [InlineData("GET", "/secret", "", 426)]
    [InlineData("GET", "/secret", "Upgrade-Insecure-Requests: 0\r\n", 426)]
    [InlineData("GET", "/secret", Asks + Asks, 426)]
    [InlineData("GET", "/secret", Asks + "X-Forwarded-For: 10.0.0.1\r\n", 403)]
    [InlineData("GET", "/secret", Asks + "Via: 1.1 proxy\r\n", 426)]
    [InlineData("POST", "/secret", Asks + "Content-Length: 0\r\n", 426)]
    [InlineData("OPTIONS", "/secret", Asks, 426)]
    [InlineData("GET", "/secret?\u0001", Asks, 426)]
    [InlineData("GET", "/secret?\u007F", Asks, 426)]
    public async Task S32_AnythingElse_NotRedirected(string method, string target, string fields, int status)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"{method} {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData(false, DirectTlsMode.Any)]
    [InlineData(true, DirectTlsMode.Off)]
    public async Task S32_SettingOffOrNoDirectTls_NotRedirected(bool redirect, DirectTlsMode directTls)
    {
        await using var server = await StartAsync(options =>
        {
            options.RedirectBrowsers = redirect;
            options.DirectTls = directTls;
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret HTTP/1.1\r\nHost: localhost\r\n{Asks}\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(426, response.Status);
        Assert.Equal("Accept", response["Vary"]);
    }

    [Fact]
    public async Task S32_BrowserThatUpgrades_Upgraded()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(target: "/secret", fields: Asks));
        Assert.Equal("secret", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task S32_HttpWithoutHost_NotRedirected()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret HTTP/1.0\r\n{Asks}\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
    }

    private static Task<UpgradeServer> StartAsync(Action<TlsUpgradeOptions>? upgrade = null) => UpgradeServer.StartAsync(
        upgrade,
        app: app =>
        {
            app.MapGet("/open", () => "open");
            app.MapMethods("/secret", ["GET", "HEAD", "POST", "OPTIONS"], () => "secret").RequireTlsUpgrade();
        });
}
