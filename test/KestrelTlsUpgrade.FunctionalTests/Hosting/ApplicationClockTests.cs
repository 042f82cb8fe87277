using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;
using KestrelTlsUpgrade.FunctionalTests.Report;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>An application registers a TimeProvider for its own purposes. Here it stands still, in the year 2000 unless set.</summary>
public sealed class ApplicationClockTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task StandingClock_ServerStartsUpgradesAndIsHealthy()
    {
        await using var server = await UpgradeServer.StartAsync(services: services =>
            Register(services).AddHealthChecks().AddTlsUpgrade());
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
        var health = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Healthy, health.Status);
    }

    [Fact]
    public async Task StandingClock_SilentConnection_IsClosedInTime()
    {
        _time.SetUtcNow(TimeProvider.System.GetUtcNow());
        await using var server = await UpgradeServer.StartAsync(
            server: options => options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(100), services: services => Register(services));
        await using var connection = await server.ConnectAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task StandingClock_RenewedCertificate_IsApplied()
    {
        _time.SetUtcNow(TimeProvider.System.GetUtcNow());
        using var files = new RenewedFiles(RenewalKind.AtomicRename);
        await using var server = await ConfiguredServer.StartAsync(
            [
                "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:Path={files.CertificatePath}",
                $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:KeyPath={files.KeyPath}",
            ],
            configure: builder => Register(builder.Services));
        await files.RenewAsync(static () => Task.CompletedTask);
        await server.Log.WaitForAsync(static line => line.Id.Name == "SettingsReloaded");
    }

    [Fact]
    public async Task StandingClock_ProxyHeaderThatDoesNotCome_ConnectionEnds()
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => Register(services),
            endpoint: static listen => listen.UseProxyProtocol(static options =>
            {
                ProxiedServer.TrustLoopback(options);
                options.HeaderTimeout = TimeSpan.FromMilliseconds(100);
            }),
            isUpgradable: false);
        await using var connection = await server.ConnectAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task StandingClock_Report_TellsTheTimeOfTheSystem()
    {
        _time.SetUtcNow(TimeProvider.System.GetUtcNow().AddDays(1));
        await using var server = await ReportServer.StartAsync(services: services => Register(services));
        var report = ReportServer.Read(server);
        Assert.InRange(report.GeneratedAt, report.Since, TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Registration_IsTheApplicationsAlone(bool hasOne)
    {
        await using var server = await UpgradeServer.StartAsync(services: services =>
        {
            services.AddHealthChecks().AddTlsUpgrade();
            if (hasOne)
            {
                _time.SetUtcNow(TimeProvider.System.GetUtcNow());
                Register(services);
            }
        });
        Assert.Same(hasOne ? _time : null, server.Services.GetService<TimeProvider>());
    }

    private IServiceCollection Register(IServiceCollection services) => services.AddSingleton<TimeProvider>(_time);
}
