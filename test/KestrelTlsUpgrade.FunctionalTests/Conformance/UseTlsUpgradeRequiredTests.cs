using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requiring TLS where routing is not in play.</summary>
public sealed class UseTlsUpgradeRequiredTests
{
    [Theory]
    [InlineData("GET /anything", 426)]
    [InlineData("GET /open", 200)]
    [InlineData("GET /also", 426)]
    [InlineData("OPTIONS /anything", 426)]
    [InlineData("OPTIONS *", 200)]
    public async Task WholeApplication_ClearText_Refused(string request, int status)
    {
        await using var server = await StartAsync(app =>
        {
            app.RequireTlsUpgrade();
            app.MapGet("/open", () => "open").WithMetadata(new RequireTlsUpgradeAttribute { Required = false });
            app.MapGet("/also", () => "also");
            app.MapFallback(() => "rest");
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        await connection.UpgradeAsync(Request(target: "/also"));
        Assert.Equal("also", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>OPTIONS * asks for no resource; a client that wants to know learns that it can upgrade.</summary>
    [Theory]
    [InlineData("HTTP/1.1", "TLS/1.3, TLS/1.2, HTTP/1.1")]
    [InlineData("HTTP/1.0", null)]
    public async Task OptionsOfServer_ClearText_AnsweredWithAdvertisement(string version, string? upgrade)
    {
        await using var server = await StartAsync(app => app.RequireTlsUpgrade().Run(_ => throw new InvalidOperationException()));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"OPTIONS * {version}\r\nHost: localhost\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Equal("0", response["Content-Length"]);
        Assert.NotNull(response["Allow"]);
        Assert.Equal(upgrade, response["Upgrade"]);
    }

    [Fact]
    public async Task Branch_OnlyTheBranchIsRefused()
    {
        await using var server = await StartAsync(app =>
        {
            app.Map("/admin", branch => branch.RequireTlsUpgrade().Run(context => context.Response.WriteAsync("admin")));
            app.Run(context => context.Response.WriteAsync("rest"));
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("rest", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /admin/x HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n");
        var refusal = await connection.ReadResponseAsync();
        Assert.Equal(426, refusal.Status);
        Assert.Contains("https://localhost:80/admin/x", refusal.Content);
        await connection.UpgradeAsync(Request(target: "/admin/x"));
        Assert.Equal("admin", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task EndpointThatRequiresTls_BehindIt_RefusedOnce()
    {
        await using var server = await StartAsync(app =>
        {
            app.RequireTlsUpgrade();
            app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public void Arguments_Null_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => default(IApplicationBuilder)!.RequireTlsUpgrade());
        Assert.Throws<ArgumentNullException>(() => default(RouteHandlerBuilder)!.RequireTlsUpgrade());
    }

    private static Task<UpgradeServer> StartAsync(Action<WebApplication> app) => UpgradeServer.StartAsync(app: app);
}
