using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Certificates;

public sealed class CertificateExpiryCheckTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly RecordingLogger _logger = new();
    private readonly FakeTimeProvider _time = new(Now);
    private readonly TlsUpgradeEndpoints _endpoints = new();
    private readonly FakeEndpoint _endpoint = new();
    private readonly X509Certificate2 _certificate = Create(Now.AddDays(16));
    private readonly CertificateExpiryCheck _check;

    public CertificateExpiryCheckTests()
    {
        _endpoints.AddUpgradable(_endpoint);
        _endpoint.Show(_certificate, "TlsUpgrade:Certificate (server.pfx)");
        _check = new CertificateExpiryCheck(_endpoints, new(_time), _logger.Factory);
    }

    public void Dispose()
    {
        _check.Dispose();
        _certificate.Dispose();
    }

    [Fact]
    public async Task Started_ThenEveryDay_RemindsInTheLastFortnight()
    {
        await _check.StartedAsync(None);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Empty(_logger.Lines);

        _time.Advance(TimeSpan.FromSeconds(1));
        var line = Assert.Single(_logger.Lines);
        Assert.Equal((LogLevel.Warning, "CertificateExpiresSoon"), (line.Level, line.Id.Name));
        Assert.Equal("The certificate of TlsUpgrade:Certificate (server.pfx), CN=a.test, expires on 2030-02-19 04:05:06Z. Renew it.", line.Message);

        _time.Advance(TimeSpan.FromHours(23));
        Assert.Single(_logger.Lines);
        _time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(2, _logger.Lines.Count);
    }

    [Fact]
    public async Task Started_AlreadyDue_RemindsAtOnce()
    {
        _time.Advance(TimeSpan.FromDays(15));
        await _check.StartedAsync(None);
        Assert.Equal("CertificateExpiresSoon", Assert.Single(_logger.Lines).Id.Name);
    }

    [Fact]
    public async Task Expired_WhileItRuns_IsAnErrorAtThatSecond()
    {
        await _check.StartedAsync(None);
        _time.Advance(TimeSpan.FromDays(16));
        Assert.DoesNotContain(_logger.Lines, static line => line.Level is LogLevel.Error);

        _time.Advance(TimeSpan.FromSeconds(1));
        var line = _logger.Lines[^1];
        Assert.Equal((LogLevel.Error, "CertificateExpired"), (line.Level, line.Id.Name));
        Assert.Contains("expired on 2030-02-19 04:05:06Z", line.Message, StringComparison.Ordinal);

        // And once a day from there on.
        var lines = _logger.Lines.Count;
        _time.Advance(TimeSpan.FromHours(23));
        Assert.Equal(lines, _logger.Lines.Count);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(lines + 1, _logger.Lines.Count);
    }

    [Fact]
    public async Task TwoCertificates_EachInItsOwnTime()
    {
        using var other = Create(Now.AddHours(5), lifetime: TimeSpan.FromHours(6));
        _endpoint.Show((_certificate, "first"), (other, "second"));
        await _check.StartedAsync(None);
        _time.Advance(TimeSpan.FromHours(4) + TimeSpan.FromSeconds(1));
        Assert.Equal("CertificateExpiresSoon", Assert.Single(_logger.Lines).Id.Name);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("CertificateExpired", _logger.Lines[^1].Id.Name);
        Assert.Equal(2, _logger.Lines.Count);
    }

    [Fact]
    public async Task NotValidYet_IsAnErrorUntilItIs()
    {
        using var later = CertificateFor.Period(Now.AddHours(1), Now.AddDays(90));
        _endpoint.Show(later, "server.pfx");
        await _check.StartedAsync(None);
        var line = Assert.Single(_logger.Lines);
        Assert.Equal((LogLevel.Error, "CertificateNotYetValid"), (line.Level, line.Id.Name));
        Assert.Contains("is not valid before 2030-02-03 05:05:06Z", line.Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Single(_logger.Lines);
    }

    /// <summary>Renewed at a third of its lifetime before the end, as ACME clients do, a certificate never warns.</summary>
    [Theory]
    [InlineData(24)]
    [InlineData(6 * 24)]
    [InlineData(90 * 24)]
    public async Task RenewedInTime_SaysNothing(int hours)
    {
        var lifetime = TimeSpan.FromHours(hours);
        var certificates = new List<X509Certificate2>();
        for (var i = 0; i < 3; i++)
        {
            certificates.Add(CertificateFor.Period(_time.GetUtcNow(), _time.GetUtcNow() + lifetime));
            _endpoint.Show(certificates[^1], "server.pfx");
            if (i == 0)
            {
                await _check.StartedAsync(None);
            }
            else
            {
                _endpoints.OnChanged(_endpoint);
            }

            _time.Advance(lifetime * 2 / 3);
        }

        Assert.Empty(_logger.Lines);

        // Not renewed, it does.
        _time.Advance(lifetime / 4);
        Assert.Equal("CertificateExpiresSoon", _logger.Lines[0].Id.Name);
        certificates.ForEach(static certificate => certificate.Dispose());
    }

    [Fact]
    public async Task SettingsChange_CertificateStays_IsNotRepeated()
    {
        _time.Advance(TimeSpan.FromDays(15));
        await _check.StartedAsync(None);
        _endpoints.OnChanged(_endpoint);
        Assert.Single(_logger.Lines);
    }

    [Fact]
    public async Task Stopped_RemindsNoMore()
    {
        await _check.StartedAsync(None);
        await _check.StoppingAsync(None);
        _time.Advance(TimeSpan.FromDays(15));
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task NoCertificateKnown_SaysNothing()
    {
        _endpoint.Show();
        _time.Advance(TimeSpan.FromDays(15));
        await _check.StartedAsync(None);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task SeveralCertificates_EachThatIsDueIsNamed()
    {
        using var other = Create(Now.AddDays(3));
        _endpoint.Show((_certificate, "first"), (other, "second"));
        await _check.StartedAsync(None);
        Assert.Contains("The certificate of second,", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RenewedWithOneThatIsDueToo_RemindsAtOnce()
    {
        await _check.StartedAsync(None);
        using var renewed = Create(Now.AddDays(3));
        _endpoint.Show(renewed, "renewed");
        _endpoints.OnChanged(_endpoint);
        Assert.Contains("The certificate of renewed,", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);

        await _check.StoppingAsync(None);
        _endpoints.OnChanged(_endpoint);
        Assert.Single(_logger.Lines);
    }

    /// <summary>The application may do as it likes with a certificate of its own. The process goes on.</summary>
    [Fact]
    public async Task CertificateDisposedOf_SaysSoAndGoesOnToTheNext()
    {
        var disposed = Create(Now.AddDays(3));
        disposed.Dispose();
        using var other = Create(Now.AddDays(3));
        _endpoint.Show((disposed, "first"), (other, "second"));
        await _check.StartedAsync(None);
        Assert.Equal(["CertificateNotChecked", "CertificateExpiresSoon"], _logger.Lines.Select(line => line.Id.Name));
    }

    [Fact]
    public async Task OtherEndpoints_AllAreLookedAt()
    {
        await _check.StartedAsync(None);
        _time.Advance(TimeSpan.FromHours(23));
        using var certificate = Create(Now.AddDays(3));
        var added = new FakeEndpoint { Address = "http://127.0.0.1:8081" };
        added.Show(certificate, "added");
        _endpoints.AddUpgradable(added);
        _endpoints.OnChanged(null);
        Assert.Contains("The certificate of added,", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 10, null)]
    [InlineData(-10, -1, "expired on 2030-02-02 04:05:06Z. Renew it.")]
    [InlineData(1, 10, "is not valid before 2030-02-04 04:05:06Z. Check the certificate and the clock of this machine.")]
    public void FindFault_ValidityPeriod_Told(int fromDays, int toDays, string? expected)
    {
        using var certificate = CertificateFor.Period(Now.AddDays(fromDays), Now.AddDays(toDays));
        Assert.Equal(expected, CertificateValidity.FindFault(certificate, Now));
    }

    private static X509Certificate2 Create(DateTimeOffset to, TimeSpan? lifetime = null) =>
        CertificateFor.Period(to - (lifetime ?? TimeSpan.FromDays(90)), to);
}
