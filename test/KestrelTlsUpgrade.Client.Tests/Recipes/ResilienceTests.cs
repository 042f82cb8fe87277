using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace KestrelTlsUpgrade.Client.Tests.Recipes;

/// <summary>Required with the standard resilience handler, which retries every HttpRequestException by itself.</summary>
public sealed class ResilienceTests
{
    private static void Add(IHttpClientBuilder client) =>
        client.AddStandardResilienceHandler(options =>
        {
            options.Retry.ShouldHandle = static attempt => ValueTask.FromResult(
                HttpClientResiliencePredicates.IsTransient(attempt.Outcome)
                && !(attempt.Outcome.Exception is HttpRequestException failure && failure.IsLastingTlsUpgradeFailure()));
        });

    /// <summary>The number of offers that a server gets until the request fails or is answered.</summary>
    private static async Task<int> CountOffersAsync(Func<ScriptedConnection, int, Task> script, bool isAnswered, Action<TlsUpgradeClientOptions>? configure = null)
    {
        var offers = 0;
        await using var server = new ScriptedServer(connection => script(connection, Interlocked.Increment(ref offers)));
        var services = new ServiceCollection();
        Add(services.AddHttpClient("x").UseTlsUpgrade(options =>
        {
            options.SslOptions.CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server);
            options.ConfigureHandler = handler => handler.UseProxy = false;
            configure?.Invoke(options);
        }));
        services.ConfigureAll<HttpStandardResilienceOptions>(options => options.Retry.Delay = TimeSpan.FromMilliseconds(1));
        await using var provider = services.BuildServiceProvider();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("x");
        var exception = await Record.ExceptionAsync(() => client.GetAsync(server.Uri, TestContext.Current.CancellationToken));
        Assert.True(isAnswered ? exception is null : exception is HttpRequestException, exception?.ToString());
        return offers;
    }

    private static async Task AnswerAsync(ScriptedConnection connection, string answer)
    {
        await connection.ReadHeadAsync();
        await connection.SendAsync(answer);
        await connection.ReadToEndAsync();
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 4)]
    [InlineData("HTTP/1.1 404 Not Found\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n", 4)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-", 4)]
    public async Task Refusal_IsRetriedOnlyIfItPasses(string answer, int offers) =>
        Assert.Equal(offers, await CountOffersAsync((connection, _) =>
            answer.EndsWith('-') ? connection.ServeOnceAsync(answer) : AnswerAsync(connection, answer), isAnswered: false));

    [Fact]
    public async Task RejectedCertificate_IsNotRetried() =>
        Assert.Equal(1, await CountOffersAsync(
            async (connection, _) => await connection.UpgradeAsync(),
            isAnswered: false,
            options => options.SslOptions.CertificateChainPolicy = TestClient.Trusting()));

    [Fact]
    public async Task RefusalOfTheProxy_IsRetriedOnlyIfItPasses()
    {
        foreach (var (status, offers) in new[] { ("403 Forbidden", 1), ("503 Service Unavailable", 4) })
        {
            await using var proxy = new ScriptedServer(connection => AnswerAsync(connection, $"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
            Assert.Equal(0, await CountOffersAsync((_, _) => Task.CompletedTask, isAnswered: false, options => options.ConfigureHandler = handler =>
            {
                handler.UseProxy = true;
                handler.Proxy = new WebProxy(proxy.Uri);
            }));
            Assert.Equal(offers, proxy.Heads.Length);
        }
    }

    [Fact]
    public async Task PassingRefusal_IsOverAtTheNextAttempt() =>
        Assert.Equal(2, await CountOffersAsync(
            async (connection, offer) =>
            {
                if (offer == 1)
                {
                    await AnswerAsync(connection, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
                    return;
                }

                await connection.UpgradeAndAnswerAsync();
                await connection.ServeAsync(ScriptedConnection.EmptyOk);
            },
            isAnswered: true));

    [Fact]
    public void IsLastingTlsUpgradeFailure_OfAnotherException_IsFalse()
    {
        Assert.False(new HttpRequestException(HttpRequestError.SecureConnectionError).IsLastingTlsUpgradeFailure());
        Assert.Throws<ArgumentNullException>(() => ((HttpRequestException)null!).IsLastingTlsUpgradeFailure());
    }
}
