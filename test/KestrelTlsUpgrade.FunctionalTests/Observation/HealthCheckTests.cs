using System.Net;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.FunctionalTests.Report;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
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
    public async Task AllAreDisabled_IsHealthyAndTold()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Enabled = false,
            services: services => services.AddHealthChecks().AddTlsUpgrade());
        var entry = await CheckAsync(server);
        Assert.Equal(
            (HealthStatus.Healthy, "No endpoint upgrades connections: all have Enabled = false."), (entry.Status, entry.Description));
    }

    [Fact]
    public async Task HandshakesFail_IsDegradedFromTheThresholdsOn()
    {
        await using var server = await UpgradeServer.StartAsync(services: services => services.AddHealthChecks().AddTlsUpgrade(
            configureOptions: options => (options.MaxFailureRate, options.MinHandshakes, options.MinCallers) = (0.5, 3, 1)));
        await FailAsync(server);
        await FailAsync(server);

        // Too few to matter.
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(server)).Status);

        await FailAsync(server);
        var entry = await CheckAsync(server);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal(
            "3 of 3 TLS handshakes of the last five minutes failed, those of 1 of 1 callers: plaintext_after_101 3. Clients continued in clear "
            + "text after the 101. Do not offer the upgrade in these clients, or have the intermediary that relays Upgrade remove the field.",
            entry.Description);

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

    /// <summary>The fallback serves the caller, and does not hide from the operator what is wrong with the certificate.</summary>
    [Fact]
    public async Task CallerFellBack_ItsFurtherOffersCountAsFailed()
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.FallbackLifetime = TimeSpan.FromHours(1),
            services: static services => services.AddHealthChecks().AddTlsUpgrade(
                configureOptions: static options => (options.MinHandshakes, options.MinCallers) = (2, 1))
                .Services.SetServerClock(new FakeTimeProvider(DateTimeOffset.UtcNow)));
        await FailAsync(server);
        await server.Log.WaitForAsync(static line => line.Id.Name == "CallerFellBack");
        for (var i = 0; i < 2; i++)
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync(Request());
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        var entry = await CheckAsync(server);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("2 of 2 TLS handshakes", entry.Description);
        Assert.Contains("plaintext_after_101 1", entry.Description);
        Assert.Contains("fell_back 1", entry.Description);
        Assert.Contains("Clients continued in clear text after the 101.", entry.Description);
    }

    /// <summary>Anybody can send rubbish, and say nothing of the server with it.</summary>
    [Fact]
    public async Task HandshakesFail_OfOneCaller_SayNothing()
    {
        await using var server = await UpgradeServer.StartAsync(services: services => services.AddHealthChecks().AddTlsUpgrade());
        for (var i = 0; i < 40; i++)
        {
            await FailAsync(server);
        }

        var entry = await CheckAsync(server);
        Assert.Equal((HealthStatus.Healthy, null), (entry.Status, entry.Description));
        Assert.Equal((40L, 1, 1), (entry.Data["failed handshakes"], entry.Data["callers"], entry.Data["failing callers"]));

        // A second caller for whom it works, and a third: most callers fail only now.
        await using (var connection = await RawConnection.OpenAsync(server.EndPoint, IPAddress.Parse("127.0.0.2")))
        {
            await connection.UpgradeAsync();
            await connection.ReadResponseAsync();
        }

        await FailAsync(server, "127.0.0.3");
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(server)).Status);
    }

    [Fact]
    public async Task Tags_AreThoseOfReadinessUnlessSet()
    {
        await using var server = await UpgradeServer.StartAsync(services: services => services.AddHealthChecks()
            .AddTlsUpgrade()
            .AddTlsUpgrade("other", tags: ["tls"]));
        Assert.Equal(["ready"], (await CheckAsync(server)).Tags);
        Assert.Equal(["tls"], (await CheckAsync(server, "other")).Tags);
    }

    /// <summary>What a probe sees: a certificate that has expired makes an instance not ready, and leaves it alive.</summary>
    [Fact]
    public async Task ExpiredInService_IsNotReadyAndAlive()
    {
        var time = new ShiftedClock();
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.SetServerClock(time).AddHealthChecks().AddTlsUpgrade(),
            app: static app =>
            {
                app.UseHealthChecks("/ready", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("ready") });
                app.UseHealthChecks("/live", new HealthCheckOptions { Predicate = static check => check.Tags.Contains("live") });
                UpgradeServer.Describe(app);
            });
        server.IsExpected = static line => line.Id.Name is "HealthCheckEnd";
        Assert.Equal((200, 200), await ProbeAsync(server));
        time.Offset = TimeSpan.FromDays(100);
        Assert.Equal((503, 200), await ProbeAsync(server));
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
    [InlineData("MinCallers")]
    public async Task ThresholdsThatMakeNoSense_FailTheStart(string property)
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => UpgradeServer.StartAsync(
            services: services => services.AddHealthChecks().AddTlsUpgrade(configureOptions: options =>
            {
                options.CertificateReminder = property is "CertificateReminder" ? TimeSpan.FromTicks(-1) : default;
                options.MaxFailureRate = property is "MaxFailureRate" ? double.NaN : 1;
                options.MinHandshakes = property is "MinHandshakes" ? 0 : 1;
                options.MinCallers = property is "MinCallers" ? 0 : 1;
            })));
        Assert.Contains(property, Assert.Single(failure.Failures));
    }

    private static async Task<(int Ready, int Live)> ProbeAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var ready = (await connection.ReadResponseAsync()).Status;
        await connection.SendAsync("GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return (ready, (await connection.ReadResponseAsync()).Status);
    }

    private static async Task FailAsync(UpgradeServer server, string from = "127.0.0.1")
    {
        await using var connection = await RawConnection.OpenAsync(server.EndPoint, IPAddress.Parse(from));
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
