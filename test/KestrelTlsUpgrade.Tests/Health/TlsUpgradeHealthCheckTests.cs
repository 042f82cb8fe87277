using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Health;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Health;

public sealed class TlsUpgradeHealthCheckTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly FakeEndpoint _endpoint = new();
    private readonly TlsUpgradeEndpoints _endpoints = new();
    private readonly X509Certificate2 _certificate = CertificateFor.Period(Now.AddDays(-70), Now.AddDays(20));

    public TlsUpgradeHealthCheckTests()
    {
        _endpoint.Show(_certificate, "server.pfx");
        _endpoints.AddUpgradable(_endpoint);
    }

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task Certificate_IsHealthyThenDegradedThenFails()
    {
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync());
        _time.Advance(TimeSpan.FromDays(6) - TimeSpan.FromSeconds(1));
        Assert.Equal((HealthStatus.Healthy, null), await CheckAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HealthStatus.Degraded, "The certificate of server.pfx expires on 2030-02-23 04:05:06Z. Renew it."), await CheckAsync());
        _time.Advance(TimeSpan.FromDays(14) + TimeSpan.FromSeconds(1));
        Assert.Equal((HealthStatus.Unhealthy, "The certificate of server.pfx expired on 2030-02-23 04:05:06Z. Renew it."), await CheckAsync());
    }

    [Theory]
    [InlineData(24)]
    [InlineData(6 * 24)]
    public async Task Certificate_ShortLived_IsDegradedInTheLastSixthOfItsLifetime(int hours)
    {
        var lifetime = TimeSpan.FromHours(hours);
        using var certificate = CertificateFor.Period(Now, Now + lifetime);
        _endpoint.Show(certificate, "server.pfx");
        _time.Advance((lifetime * 5 / 6) - TimeSpan.FromSeconds(1));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task Certificate_ReminderThatIsSet_IsUsedAsItIs()
    {
        var check = new TlsUpgradeHealthCheck(
            _endpoints, new(new(_time)), new() { CertificateReminder = TimeSpan.FromDays(21) }, new(_time));
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(check)).Status);
    }

    [Fact]
    public async Task Certificate_NotValidYet_Fails()
    {
        using var later = CertificateFor.Period(Now.AddDays(1), Now.AddDays(100));
        _endpoint.Show(later, "server.pfx");
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task Certificate_Disposed_Fails()
    {
        var disposed = CertificateFor.Period(Now, Now.AddDays(100));
        _endpoint.Show(disposed, "server.pfx");
        disposed.Dispose();
        var (status, description) = await CheckAsync();
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("cannot be read", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralThings_AreAllTold()
    {
        _time.Advance(TimeSpan.FromDays(21));
        _endpoint.ReloadFailure = "There is no file tls.key.";
        var (status, description) = await CheckAsync();
        Assert.Equal(HealthStatus.Unhealthy, status);
        Assert.Contains("expired on", description, StringComparison.Ordinal);
        Assert.Contains("There is no file tls.key.", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutTheService_Fails()
    {
        var (status, description) = await CheckAsync(new(null, new(new(_time)), new(), new(_time)));
        Assert.Equal((HealthStatus.Unhealthy, "No endpoint upgrades connections. Call UseTlsUpgrade()."), (status, description));
    }

    private async Task<(HealthStatus Status, string? Description)> CheckAsync(TlsUpgradeHealthCheck? check = null)
    {
        check ??= new(_endpoints, new(new(_time)), new(), new(_time));
        var registration = new HealthCheckRegistration("tls_upgrade", check, failureStatus: null, tags: null);
        var result = await check.CheckHealthAsync(new() { Registration = registration }, TestContext.Current.CancellationToken);
        return (result.Status, result.Description);
    }
}
