using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Client.Tests.Recipes;

/// <summary>Service defaults as Aspire's template has them, for all clients of an application.</summary>
public sealed class ServiceDefaultsTests
{
    [Fact]
    public async Task Client_OfAService_IsUpgraded()
    {
        await using var server = await UpgradeServer.StartAsync();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:printers:http:0"] = $"http://localhost:{server.Port}",
        }).Build());
        services.AddServiceDiscovery();
        services.ConfigureHttpClientDefaults(http =>
        {
            http.UseTlsUpgrade();
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        services.ConfigureAll<TlsUpgradeClientOptions>(options =>
        {
            options.SslOptions.CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server);
            options.ConfigureHandler = handler => handler.UseProxy = false;
        });
        services.AddHttpClient<PrinterClient>(client => client.BaseAddress = new Uri("http://printers"));
        await using var provider = services.BuildServiceProvider();
        using var response = await provider.GetRequiredService<PrinterClient>().GetStatusAsync();
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        Assert.StartsWith("GET /status", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private sealed class PrinterClient(HttpClient client)
    {
        public Task<HttpResponseMessage> GetStatusAsync() => client.GetAsync("/status");
    }
}
