using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>TLS comes before everything that an application wants to know of its callers.</summary>
public sealed class AuthorizationTests
{
    private const string Credentials = "Authorization: Counting x\r\n";

    [Theory]
    [InlineData("/authorized")]
    [InlineData("/by-fallback-policy")]
    public async Task ClearText_RefusedWithoutAskingWhoItIs(string target)
    {
        var asked = new Counter();
        await using var server = await StartAsync(asked);
        await using var connection = await server.ConnectAsync();
        foreach (var fields in new[] { "", Credentials })
        {
            await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
            Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        }

        Assert.Equal(0, asked.Value);
    }

    [Theory]
    [InlineData("/authorized")]
    [InlineData("/by-fallback-policy")]
    public async Task OverTls_AuthorizedAsEver(string target)
    {
        var asked = new Counter();
        await using var server = await StartAsync(asked);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request(target: target));
        Assert.Equal(401, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n{Credentials}\r\n");
        Assert.Equal("secret", (await connection.ReadResponseAsync()).Content);
        Assert.Equal(2, asked.Value);
    }

    [Fact]
    public async Task ClearTextWithForgedForwardedProto_NeverServed()
    {
        await using var server = await StartAsync(new());
        await using var connection = await server.ConnectAsync();
        foreach (var (fields, status) in new[] { ("", 401), (Credentials, 403) })
        {
            await connection.SendAsync($"GET /authorized HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n{fields}\r\n");
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        }
    }

    private static Task<UpgradeServer> StartAsync(Counter asked) => UpgradeServer.StartAsync(
        services: services =>
        {
            services.AddSingleton(asked);
            services.AddAuthentication(CountingAuthenticationHandler.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, CountingAuthenticationHandler>(CountingAuthenticationHandler.SchemeName, null);
            services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        },
        app: app =>
        {
            app.MapGet("/authorized", () => "secret").RequireAuthorization().RequireTlsUpgrade();
            app.MapGet("/by-fallback-policy", () => "secret").RequireTlsUpgrade();
        });
}
