using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace KestrelTlsUpgrade.Client.Tests.Recipes;

/// <summary>An interface of Refit: its client is one of the factory's.</summary>
public sealed class RefitTests
{
    [Fact]
    public async Task Interface_IsUpgraded()
    {
        await using var server = await UpgradeServer.StartAsync();
        var services = new ServiceCollection();
        services.AddRefitGeneratedClient<IPrinter>()
            .ConfigureHttpClient(client => client.BaseAddress = new Uri($"http://localhost:{server.Port}"))
            .UseTlsUpgrade();
        services.ConfigureAll<TlsUpgradeClientOptions>(options =>
        {
            options.SslOptions.CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server);
            options.ConfigureHandler = handler => handler.UseProxy = false;
        });
        await using var provider = services.BuildServiceProvider();
        var status = await provider.GetRequiredService<IPrinter>().GetStatusAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("GET /status scheme=https state=Upgraded", status, StringComparison.Ordinal);
    }
}

/// <summary>Refit generates the implementation, which has to see the interface.</summary>
public interface IPrinter
{
    /// <summary>Gets the status.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The status.</returns>
    [Get("/status")]
    Task<string> GetStatusAsync(CancellationToken cancellationToken);
}
