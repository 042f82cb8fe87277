using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>What is cached is never served across the line between clear text and TLS.</summary>
public sealed class CachingTests
{
    [Theory]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(false, true, false)]
    public async Task Cache_NeverCrossesOver(bool isOutputCache, bool beforeRouting, bool clearFirst)
    {
        var calls = new Counter();
        await using var server = await UpgradeServer.StartAsync(
            services: services =>
            {
                services.AddOutputCache(options => options.AddBasePolicy(policy => policy.Expire(TimeSpan.FromHours(1))));
                services.AddResponseCaching();
            },
            app: app =>
            {
                _ = isOutputCache ? app.UseOutputCache() : app.UseResponseCaching();
                _ = beforeRouting ? app.UseRouting() : app;
                app.MapGet("/secret", (HttpContext context) =>
                {
                    context.Response.Headers.CacheControl = "public, max-age=3600";
                    return $"secret {++calls.Value}";
                }).RequireTlsUpgrade();
            });
        using var tls = new HttpClient(UpgradingHttpHandler.Create(server.EndPoint));
        await using var connection = await server.ConnectAsync();

        foreach (var isClear in clearFirst ? new[] { true, false, true, false } : [false, true, false, true])
        {
            if (isClear)
            {
                await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
            }
            else
            {
                // The second time it comes out of the cache.
                Assert.Equal("secret 1", await tls.GetStringAsync("http://localhost/secret", TestContext.Current.CancellationToken));
            }
        }

        Assert.Equal(1, calls.Value);
    }
}
