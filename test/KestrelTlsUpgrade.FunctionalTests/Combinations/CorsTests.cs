using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>Requests of scripts from other origins.</summary>
public sealed class CorsTests
{
    private const string Preflight = "Host: localhost\r\nOrigin: http://a.test\r\nAccess-Control-Request-Method: PUT\r\n";

    /// <summary>
    /// Where the policy is the endpoint's, a preflight is for the endpoint. Where it is the whole application's, the CORS
    /// middleware answers for it, as it does for any path.
    /// </summary>
    [Theory]
    [InlineData(false, 204)]
    [InlineData(true, 426)]
    public async Task Preflight_OverTls_AnsweredAsEver(bool byEndpoint, int inClearText)
    {
        await using var server = await StartAsync(byEndpoint);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"OPTIONS /secret HTTP/1.1\r\n{Preflight}\r\n");
        Assert.Equal(inClearText, (await connection.ReadResponseAsync()).Status);

        await connection.UpgradeAsync($"OPTIONS /secret HTTP/1.1\r\n{Preflight}Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(204, response.Status);
        Assert.Equal("http://a.test", response["Access-Control-Allow-Origin"]);
        Assert.Equal("PUT", response["Access-Control-Allow-Methods"]);
        await connection.SendAsync("PUT /secret HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.test\r\nContent-Length: 0\r\n\r\n");
        response = await connection.ReadResponseAsync();
        Assert.Equal("secret", response.Content);
        Assert.Equal("http://a.test", response["Access-Control-Allow-Origin"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CrossOriginRequest_ClearText_Refused(bool byEndpoint)
    {
        await using var server = await StartAsync(byEndpoint);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("PUT /secret HTTP/1.1\r\nHost: localhost\r\nOrigin: http://a.test\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
    }

    private static Task<UpgradeServer> StartAsync(bool byEndpoint) => UpgradeServer.StartAsync(
        services: services => services.AddCors(options => options.AddPolicy(
            "a", policy => policy.WithOrigins("http://a.test").WithMethods("PUT"))),
        app: app =>
        {
            _ = byEndpoint ? app.UseCors() : app.UseCors("a");
            var secret = app.MapPut("/secret", () => "secret").RequireTlsUpgrade();
            _ = byEndpoint ? secret.RequireCors("a") : secret;
        });
}
