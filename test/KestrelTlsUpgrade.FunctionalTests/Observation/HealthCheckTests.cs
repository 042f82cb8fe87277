using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>The health check, on servers that are well and on servers that are not.</summary>
public sealed class HealthCheckTests
{
    [Fact]
    public async Task Well_IsHealthy()
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddHealthChecks().AddTlsUpgrade(),
            app: app =>
            {
                app.UseHealthChecks("/health");
                UpgradeServer.Describe(app);
            });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("Healthy", (await connection.ReadResponseAsync()).Content);

        var entry = await CheckAsync(server);
        Assert.Equal((HealthStatus.Healthy, null), (entry.Status, entry.Description));
        Assert.Equal(0L, entry.Data["handshakes"]);
    }

    [Fact]
    public async Task CertificateAboutToExpire_IsDegraded()
    {
        await using var server = await UpgradeServer.StartAsync(services: services => services.AddHealthChecks().AddTlsUpgrade(
            configureOptions: options => options.CertificateReminder = TimeSpan.FromDays(91)));
        var entry = await CheckAsync(server);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("expires on", entry.Description);
    }

    [Fact]
    public async Task NothingUpgrades_IsTheFailureStatus()
    {
        await using var server = await UpgradeServer.StartAsync(
            isUpgradable: false,
            services: services => services.AddHealthChecks().AddTlsUpgrade("tls", HealthStatus.Degraded, ["ready"]));
        var entry = await CheckAsync(server, "tls");
        Assert.Equal((HealthStatus.Degraded, "No endpoint upgrades connections. Call UseTlsUpgrade()."), (entry.Status, entry.Description));
        Assert.Equal(["ready"], entry.Tags);
    }

    [Fact]
    public async Task AllAreDisabled_Fails()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Enabled = false,
            services: services => services.AddHealthChecks().AddTlsUpgrade());
        server.IsExpected = static line => line.Id.Name is "HealthCheckEnd";
        var entry = await CheckAsync(server);
        Assert.Equal(
            (HealthStatus.Unhealthy, "No endpoint upgrades connections: all have Enabled = false."), (entry.Status, entry.Description));
    }

    [Fact]
    public async Task HandshakesFail_IsDegradedFromTheThresholdsOn()
    {
        await using var server = await UpgradeServer.StartAsync(services: services => services.AddHealthChecks().AddTlsUpgrade(
            configureOptions: options => (options.MaxFailureRate, options.MinHandshakes) = (0.5, 3)));
        await FailAsync(server);
        await FailAsync(server);

        // Too few to matter.
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(server)).Status);

        await FailAsync(server);
        var entry = await CheckAsync(server);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal(
            "3 of 3 TLS handshakes of the last five minutes failed, most of them with plaintext_after_101. The log says why.", entry.Description);

        // Half of them is not more than half.
        for (var i = 0; i < 3; i++)
        {
            await using var connection = await server.ConnectAsync();
            await connection.UpgradeAsync();
            await connection.ReadResponseAsync();
        }

        entry = await CheckAsync(server);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal((6L, 3L), (entry.Data["handshakes"], entry.Data["failed handshakes"]));
    }

    [Fact]
    public async Task SettingsNotReloaded_IsDegradedUntilTheyAre()
    {
        using var files = new CertificateFiles();
        files.WritePem("tls.crt", TestCertificates.Server);
        files.WriteKey("tls.key", TestCertificates.Server);
        await using var server = await ConfiguredServer.StartAsync(
            [
                "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:Path={files.GetPath("tls.crt")}",
                $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:KeyPath={files.GetPath("tls.key")}",
            ],
            configure: builder => builder.Services.AddHealthChecks().AddTlsUpgrade());
        server.IsExpected = line => line.Id.Name is "SettingsNotReloaded";
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(server)).Status);

        await File.WriteAllTextAsync(files.GetPath("tls.crt"), "no certificate", TestContext.Current.CancellationToken);
        await server.Log.WaitForAsync(line => line.Id.Name is "SettingsNotReloaded");
        var entry = await CheckAsync(server);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("keeps its previous settings", entry.Description);
        Assert.Contains("tls.crt is not a certificate", entry.Description);

        files.WriteKey("tls.key", TestCertificates.Other);
        files.WritePem("tls.crt", TestCertificates.Other);
        await server.Log.WaitForAsync(line => line.Id.Name is "SettingsReloaded");
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(server)).Status);
    }

    [Theory]
    [InlineData("CertificateReminder")]
    [InlineData("MaxFailureRate")]
    [InlineData("MinHandshakes")]
    public async Task ThresholdsThatMakeNoSense_FailTheStart(string property)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => UpgradeServer.StartAsync(
            services: services => services.AddHealthChecks().AddTlsUpgrade(configureOptions: options =>
            {
                options.CertificateReminder = property is "CertificateReminder" ? TimeSpan.FromTicks(-1) : default;
                options.MaxFailureRate = property is "MaxFailureRate" ? double.NaN : 1;
                options.MinHandshakes = property is "MinHandshakes" ? 0 : 1;
            })));
        Assert.Contains(property, Assert.Single(failure.Failures));
    }

    private static async Task FailAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("GET /x HTTP/1.1\r\n\r\n");
        await connection.ReadToEndAsync();
    }

    private static async Task<HealthReportEntry> CheckAsync(UpgradeServer server, string name = "tls_upgrade")
    {
        var report = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        return report.Entries[name];
    }
}
