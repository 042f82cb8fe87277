using System.Threading.RateLimiting;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>A refusal does not use up what the callers over TLS may have.</summary>
public sealed class RateLimitingTests
{
    [Fact]
    public async Task Limiter_CountsOnlyWhatIsServed()
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddRateLimiter(options => options.AddPolicy(
                "one", _ => RateLimitPartition.GetFixedWindowLimiter(0, _ => new() { PermitLimit = 1, Window = TimeSpan.FromHours(1) }))),
            app: app =>
            {
                app.UseRateLimiter();
                app.MapGet("/secret", () => "secret").RequireRateLimiting("one").RequireTlsUpgrade();
            });
        await using var connection = await server.ConnectAsync();
        foreach (var _ in new int[3])
        {
            await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        }

        await connection.UpgradeAsync(Request(target: "/secret"));
        Assert.Equal("secret", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(503, (await connection.ReadResponseAsync()).Status);
    }
}
