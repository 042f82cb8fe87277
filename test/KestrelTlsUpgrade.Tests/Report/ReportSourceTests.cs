using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class ReportSourceTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly TlsUpgradeEndpoints _endpoints = new();
    private readonly FakeEndpoint _endpoint = new();
    private readonly ReportCollector _collector;
    private readonly ReportSource _source;
    private readonly X509Certificate2 _certificate = CertificateFor.Period(Now.AddDays(-70), Now.AddDays(20));

    public ReportSourceTests()
    {
        _collector = new(_time);
        _collector.Start();
        _source = new(_collector, _endpoints, _time);
        _endpoint.Show(_certificate, "server.pfx");
        _endpoints.AddUpgradable(_endpoint);
    }

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public void Certificate_TellsItsDaysAndState()
    {
        Assert.Equal((20, CertificateState.Valid), Check());
        _time.Advance(TimeSpan.FromDays(6));
        Assert.Equal((14, CertificateState.Valid), Check());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((13, CertificateState.ExpiresSoon), Check());
        _time.Advance(TimeSpan.FromDays(14));
        Assert.Equal((-1, CertificateState.Expired), Check());

        var certificate = Assert.Single(Assert.Single(_source.Read().Endpoints).Certificates);
        Assert.Equal(("server.pfx", "CN=a.test", "CN=a.test"), (certificate.Origin, certificate.Subject, certificate.Issuer));
        Assert.Equal(["a.test"], certificate.Names!);
        Assert.Equal((Now.AddDays(-70), Now.AddDays(20)), (certificate.NotBefore, certificate.NotAfter));
        Assert.Equal(_certificate.GetCertHashString(HashAlgorithmName.SHA256), certificate.Sha256);
    }

    [Fact]
    public void Certificate_NotYetValid_IsTold()
    {
        using var later = CertificateFor.Period(Now.AddDays(1), Now.AddDays(100));
        _endpoint.Show(later, "server.pfx");
        Assert.Equal((100, CertificateState.NotYetValid), Check());
    }

    [Fact]
    public void Certificate_Disposed_IsTold()
    {
        var disposed = CertificateFor.Period(Now, Now.AddDays(100));
        _endpoint.Show(disposed, "server.pfx");
        disposed.Dispose();
        Assert.Equal((null, CertificateState.Unreadable), Check());
    }

    [Fact]
    public void Settings_AreThoseInForce()
    {
        _endpoint.ReloadFailure = "There is no file tls.key.";
        var options = _endpoint.Settings!.Options;
        options.DirectTls = DirectTlsMode.Any;
        options.Https.SslProtocols = SslProtocols.Tls13;
        options.Https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
        options.Https.HandshakeTimeout = TimeSpan.FromSeconds(7);
        options.Https.ServerCertificateSelector = (_, _) => null;
        var endpoint = Assert.Single(_source.Read().Endpoints);
        Assert.Equal(("http://127.0.0.1:8080", "There is no file tls.key."), (endpoint.Address, endpoint.ReloadFailure));
        Assert.Equal(
            [
                "Enabled=true", "DirectTls=Any", "Offers=All", "OffersFrom=everyone", "FallbackLifetime=01:00:00", "ShareFallback=false", "LogClientAddresses=false", "Requirement=Enforce", "AcceptedClients=Compatible", "Advertise=Never", "RedirectBrowsers=true", "StrictTokens=false",
                "AllowBehindProxy=false", "TrustClientCertificateOnReplay=false", "AllowExpiredCertificate=false", "PassOptionsAsterisk=false",
                "SslProtocols=Tls13", "ClientCertificateMode=AllowCertificate", "CheckCertificateRevocation=false", "HandshakeTimeout=00:00:07",
                "Certificate=by a selector in code, for each connection",
            ],
            endpoint.Settings.Select(static setting => $"{setting.Key}={setting.Value}"));
    }

    [Fact]
    public void Settings_ByACallback_AreThatAndNoOthers()
    {
        _endpoint.Settings!.Options.HandshakeCallback = new() { HandshakeTimeout = TimeSpan.FromSeconds(9) };
        var settings = Assert.Single(_source.Read().Endpoints).Settings;
        Assert.Equal("by a callback in code, for each connection", settings["Https"]);
        Assert.Equal("00:00:09", settings["HandshakeTimeout"]);
        Assert.DoesNotContain("SslProtocols", settings.Keys);
    }

    [Fact]
    public void Settings_OfCallers_ListThem()
    {
        var options = _endpoint.Settings!.Options;
        options.OffersFrom.Networks.Add(IPNetwork.Parse("10.0.0.0/8"));
        options.OffersFrom.Networks.Add(IPNetwork.Parse("2001:db8::/32"));
        options.OffersFrom.ExceptProducts.Add("Apache-HttpClient");
        options.AcceptOffer = static _ => new(true);
        var settings = Assert.Single(_source.Read().Endpoints).Settings;
        Assert.Equal("Networks 10.0.0.0/8, 2001:db8::/32; ExceptProducts Apache-HttpClient", settings["OffersFrom"]);
        Assert.Equal("by a callback in code, for each offer", settings["AcceptOffer"]);
    }

    [Fact]
    public void Settings_HaveEveryOption()
    {
        var settings = Assert.Single(_source.Read().Endpoints).Settings;
        Assert.Empty(typeof(TlsUpgradeOptions).GetProperties().Select(static property => property.Name)
            .Except([.. settings.Keys, nameof(TlsUpgradeOptions.Https), nameof(TlsUpgradeOptions.HandshakeCallback), nameof(TlsUpgradeOptions.AcceptOffer)]));
    }

    [Fact]
    public void Periods_SumUpTheirSteps()
    {
        Count(TlsUpgradeState.Plaintext, ConnectionOutcome.Failed, FailureCause.Reset, 426);
        _time.Advance(TimeSpan.FromHours(2));
        Count(TlsUpgradeState.Upgraded, ConnectionOutcome.Refused, FailureCause.Http2Offered, 307);
        Count(TlsUpgradeState.Upgraded, ConnectionOutcome.Refused, FailureCause.Http2Offered, 307);
        var report = _source.Read();
        Assert.Equal(Now, report.Since);
        Assert.Equal(_time.GetUtcNow(), report.GeneratedAt);
        Assert.Equal((60, 1800), (report.Hour.StepSeconds, report.Day.StepSeconds));
        Assert.Equal((60, 48), (report.Hour.Steps.Count, report.Day.Steps.Count));
        Assert.Equal(new RequestsContent(0, 2, 0), report.Hour.Requests);
        Assert.Equal(new RequestsContent(1, 2, 0), report.Day.Requests);
        Assert.Equal(new ConnectionsContent(0, 0, 0, 0, Refused: 2, Failed: 1), report.Day.Connections);
        Assert.Equal(["h2_offered 2", "reset 1"], report.Day.Failures.Select(static failure => $"{failure.Cause} {failure.Count}"));
        Assert.Equal(["h2_offered 2"], report.Hour.Failures.Select(static failure => $"{failure.Cause} {failure.Count}"));
        Assert.Equal(["307=2", "403=0", "421=0", "426=1"], report.Day.Refusals.Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(report.Day.Requests.All, report.Day.Steps.Sum(static step => step.Requests.All));
        Assert.Equal(report.Day.Connections.All, report.Day.Steps.Sum(static step => step.Connections.All));
    }

    [Fact]
    public void Callers_AreAll_TheMostInClearTextFirst()
    {
        Call("few/1", 2);
        Call("many/1", 5);
        _collector.Callers.GetOrAdd("upgrades/1", default).Add(CallerFigure.Upgraded, Now);
        _collector.Callers.GetOrAdd("fails/1", default).Add(CallerFigure.Failed, Now);
        var callers = _source.Read().Callers;
        Assert.Equal((256, 0), (callers.Capacity, callers.Displaced));
        Assert.Equal([Now, Now, null, null], callers.All.Select(static caller => caller.LastPlaintext));
        Assert.Equal(["many/1 5", "few/1 2", "fails/1 0", "upgrades/1 0"], callers.All.Select(static caller => $"{caller.Product} {caller.Plaintext}"));
    }

    private (int?, CertificateState) Check()
    {
        var certificate = Assert.Single(Assert.Single(_source.Read().Endpoints).Certificates);
        return (certificate.DaysLeft, certificate.State);
    }

    private void Call(string product, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _collector.Callers.GetOrAdd(product, default).Add(CallerFigure.Plain, Now);
        }
    }

    private void Count(TlsUpgradeState state, ConnectionOutcome outcome, FailureCause cause, int statusCode)
    {
        _collector.Traffic.At(_time.GetUtcNow()).Add(state);
        _collector.ConnectionSettled(new(new TestConnection().Context, outcome, Cause: cause));
        _collector.RequestRefused(new DefaultHttpContext(), statusCode);
    }
}
