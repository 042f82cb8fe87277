using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Time.Testing;
using TlsStart = KestrelTlsUpgrade.Internal.Telemetry.TlsStart;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class ReportCollectorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ReportCollector _collector;

    public ReportCollectorTests() => _collector = new(_time);

    [Fact]
    public void NotStarted_CountsNothing()
    {
        Assert.False(_collector.WatchesRequests);
        _collector.ConnectionSettled(Settle(ConnectionOutcome.Failed, TlsStart.FirstRequest, FailureCause.Reset));
        _collector.RequestRefused(CreateRequest(), 426);
        Assert.Equal((0, 0), (Counts[ConnectionOutcome.Failed], Counts.GetRefusals(426)));
        Assert.Empty(_collector.Callers.All);
    }

    [Fact]
    public void Start_Again_ChangesNothing()
    {
        _collector.Start();
        var since = _collector.Since;
        _time.Advance(TimeSpan.FromMinutes(1));
        _collector.Start();
        Assert.True(_collector.WatchesRequests);
        Assert.Equal(since, _collector.Since);
    }

    [Fact]
    public void Request_InClearText_IsOfACaller()
    {
        _collector.Start();
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.RequestReceived(CreateRequest(upgrade: "h2c"), TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.RequestReceived(CreateRequest(upgrade: "websocket"), TlsUpgradeState.Plaintext, isReplayed: false);
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal(("curl/8", "192.0.2.0/24"), (caller.Key.Product, caller.Key.Network.ToString()));
        Assert.Equal((3, false, _time.GetUtcNow()), (caller.Plaintext, caller.OffersUpgrade, caller.LastSeen));
        _collector.RequestReceived(CreateRequest(upgrade: "TLS/1.2"), TlsUpgradeState.Plaintext, isReplayed: false);
        Assert.True(caller.OffersUpgrade);
        Assert.Equal(4, Counts[TlsUpgradeState.Plaintext]);
    }

    [Fact]
    public void Request_OverTls_IsOfACallerOnlyWhereItCameInClearText()
    {
        _collector.Start();
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.DirectTls, isReplayed: false);
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Upgraded, isReplayed: false);
        Assert.Empty(_collector.Callers.All);
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Upgraded, isReplayed: true);
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal((0, 1, true), (caller.Plaintext, caller.Upgraded, caller.OffersUpgrade));
        Assert.Equal((2, 1), (Counts[TlsUpgradeState.Upgraded], Counts[TlsUpgradeState.DirectTls]));
    }

    [Fact]
    public void Request_UpgradedLaterThanTheFirst_CountsOnce()
    {
        _collector.Start();
        _collector.RequestReceived(CreateRequest(upgrade: "TLS/1.2"), TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.ConnectionSettled(Settle(ConnectionOutcome.Upgraded, TlsStart.LaterRequest, FailureCause.None));
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Upgraded, isReplayed: true);
        Assert.Equal((0, 1), (Counts[TlsUpgradeState.Plaintext], Counts[TlsUpgradeState.Upgraded]));
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal((0, 1), (caller.Plaintext, caller.Upgraded));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Upgrade_ThatComesToNothing_IsOfTheCallerThatTheHeadNames(bool isRefused, bool isLater)
    {
        var outcome = isRefused ? ConnectionOutcome.Refused : ConnectionOutcome.Failed;
        var start = isLater ? TlsStart.LaterRequest : TlsStart.FirstRequest;
        _collector.Start();
        if (isLater)
        {
            _collector.RequestReceived(CreateRequest(upgrade: "TLS/1.2"), TlsUpgradeState.Plaintext, isReplayed: false);
        }

        _collector.ConnectionSettled(Settle(outcome, start, FailureCause.Http2Offered));
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal(("curl/8", "192.0.2.0/24"), (caller.Key.Product, caller.Key.Network.ToString()));
        Assert.Equal((0, 0, 1, true), (caller.Plaintext, caller.Upgraded, caller.Failed, caller.OffersUpgrade));
        Assert.Equal((0, 1, 1), (Counts[TlsUpgradeState.Plaintext], Counts[outcome], Counts[FailureCause.Http2Offered]));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost:a\r\n\r\n", "")]
    [InlineData("GET / HTTP/1.1\r\nuser-agent: \t lower/1 \r\n\r\n", "lower/1")]
    [InlineData("GET / HTTP/1.1\r\nX:User-Agent: no/1\r\nUser-Agent:yes/1\r\n\r\n", "yes/1")]
    [InlineData("GET / HTTP/1.1\r\nUser-Agent:\r\n\r\n", "")]
    public void Upgrade_ThatComesToNothing_ReadsTheFieldOfTheHead(string head, string expected)
    {
        _collector.Start();
        _collector.ConnectionSettled(Settle(ConnectionOutcome.Failed, TlsStart.FirstRequest, FailureCause.Reset, head));
        Assert.Equal(expected, Assert.Single(_collector.Callers.All).Key.Product);
    }

    [Fact]
    public void Upgrade_OfTheFirstRequest_IsOfACallerWhenThatIsAnswered()
    {
        _collector.Start();
        _collector.ConnectionSettled(Settle(ConnectionOutcome.Upgraded, TlsStart.FirstRequest, FailureCause.None));
        Assert.Empty(_collector.Callers.All);
        Assert.Equal((1, 0), (Counts[ConnectionOutcome.Upgraded], Counts[TlsUpgradeState.Plaintext]));
    }

    [Fact]
    public void Handshake_FromTheFirstByte_IsOfNoCaller()
    {
        _collector.Start();
        _collector.ConnectionSettled(new(new TestConnection().Context, ConnectionOutcome.Failed, TlsStart.FirstByte, FailureCause.Closed));
        Assert.Empty(_collector.Callers.All);
        Assert.Equal(1, Counts[FailureCause.Closed]);
    }

    [Theory]
    [InlineData(TlsUpgradeState.Plaintext, false)]
    [InlineData(TlsUpgradeState.Upgraded, true)]
    [InlineData(TlsUpgradeState.Upgraded, false)]
    [InlineData(TlsUpgradeState.DirectTls, false)]
    public void TakeBack_LeavesNothing(TlsUpgradeState state, bool isReplayed)
    {
        _collector.Start();
        var request = CreateRequest();
        request.Features.Set<ITlsUpgradeFeature>(new TlsUpgradeFeature(state, null, isReplayed, isAware: false, isConfirmed: false));
        _collector.RequestReceived(request, state, isReplayed);
        Assert.Equal(1, Counts[state]);
        _collector.TakeBack(request);
        Assert.Equal(0, Counts[state]);
        Assert.All(_collector.Callers.All, static caller => Assert.Equal(0, caller.Weight));
    }

    [Fact]
    public void TakeBack_AfterTheAddressWasChanged_IsOfTheCallerThatItWasCountedFor()
    {
        _collector.Start();
        var request = CreateRequest();
        request.Features.Set<ITlsUpgradeFeature>(new TlsUpgradeFeature(TlsUpgradeState.Plaintext, null, isReplayed: false, isAware: false, isConfirmed: false));
        _collector.RequestReceived(request, TlsUpgradeState.Plaintext, isReplayed: false);

        // As UseForwardedHeaders() does.
        request.Connection.RemoteIpAddress = IPAddress.Parse("198.51.100.1");
        _collector.TakeBack(request);
        Assert.Equal(0, Assert.Single(_collector.Callers.All).Plaintext);
    }

    [Fact]
    public void TakeBack_OfAnotherEndpoint_ChangesNothing()
    {
        _collector.Start();
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.TakeBack(CreateRequest());
        Assert.Equal(1, Counts[TlsUpgradeState.Plaintext]);
    }

    [Fact]
    public void Request_OverTlsFromTheFirstByte_IsOfACallerWithAPlaceOfItsOwn()
    {
        _collector.Start();
        for (var i = 0; i < 2 * CallerTable.Capacity; i++)
        {
            _collector.RequestReceived(CreateRequest(userAgent: $"direct/{i}"), TlsUpgradeState.DirectTls, isReplayed: false);
        }

        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.DirectTls, isReplayed: false);
        Assert.Equal((1, 0), (_collector.Callers.All.Count, _collector.Callers.Displaced));
        Assert.Equal(CallerTable.Capacity, _collector.DirectCallers.All.Count);
        Assert.Equal(1, _collector.DirectCallers.Find("curl/8", Assert.Single(_collector.Callers.All).Key.Network)![CallerFigure.DirectTls]);
    }

    [Fact]
    public void Request_AfterAnUpgrade_IsOfTheSameCaller()
    {
        _collector.Start();
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Upgraded, isReplayed: true);
        _collector.RequestReceived(CreateRequest(), TlsUpgradeState.Upgraded, isReplayed: false);
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal((1, 1), (caller.Upgraded, caller[CallerFigure.AfterUpgrade]));
    }

    /// <summary>To require TLS everywhere changes nothing for a request that is refused already.</summary>
    [Theory]
    [InlineData(426)]
    [InlineData(403)]
    public void Request_RefusedAlready_IsNotMetByTheLastStep(int status)
    {
        _collector.Start();
        var request = CreateRequest(route: "/jobs");
        _collector.RequestReceived(request, TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.RequestRefused(request, status);
        var caller = Assert.Single(CallersReader.Read(_collector, _time.GetUtcNow()).All);
        Assert.Equal((1, 0), (caller.Plaintext, caller.Outlook.Plain));
        _collector.RequestReceived(CreateRequest(route: "/open"), TlsUpgradeState.Plaintext, isReplayed: false);
        Assert.Equal(1, Assert.Single(CallersReader.Read(_collector, _time.GetUtcNow()).All).Outlook.Plain);
    }

    /// <summary>It is sent to https, and counts neither as a caller in clear text nor as one that was just seen there.</summary>
    [Fact]
    public void Request_Redirected_IsNotInClearText()
    {
        _collector.Start();
        var start = _time.GetUtcNow();
        _collector.RequestReceived(CreateNavigation(), TlsUpgradeState.Plaintext, isReplayed: false);
        _time.Advance(TimeSpan.FromDays(2));
        var navigation = CreateNavigation();
        _collector.RequestReceived(navigation, TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.RequestRefused(navigation, 307);
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal("Firefox/128", caller.Key.Product);
        Assert.Equal((1, 1, 1), (caller.Plaintext, caller[CallerFigure.Navigating], caller[CallerFigure.Redirected]));
        Assert.Equal((start, _time.GetUtcNow()), (caller.LastPlaintext, caller.LastSeen));
        Assert.Equal((1, 1), (Counts[TlsUpgradeState.Plaintext], Counts.GetRefusals(307)));
    }

    [Fact]
    public void Request_RefusedOrTolerated_IsByResource()
    {
        _collector.Start();
        var refused = CreateRequest(upgrade: "TLS/1.2", route: "/jobs/{id}");
        _collector.RequestReceived(refused, TlsUpgradeState.Plaintext, isReplayed: false);
        _collector.RequestRefused(refused, 403);
        _collector.RequestTolerated(CreateRequest(route: "/printers"), 426);

        // Not because of clear text.
        _collector.RequestRefused(CreateRequest(), 421);
        var caller = Assert.Single(_collector.Callers.All);
        var resources = caller.Resources.Read(_collector.Rules.Number);
        Assert.Equal(["/jobs/{id}", "/printers"], resources.Select(static row => row.Name));
        Assert.Equal((1, 1, 1), (resources[0].Refused[403], resources[0].Refused.GetOffering(403), resources[1].WouldBe[426]));
        Assert.Equal((1, 1), (caller.Plaintext, caller[CallerFigure.Offering]));
    }

    [Fact]
    public void Offer_Declined_IsByReason()
    {
        _collector.Start();
        var asterisk = CreateRequest(upgrade: "TLS/1.2");
        (asterisk.Request.Method, asterisk.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) = ("OPTIONS", "*");
        _collector.OfferDeclined(asterisk, DeclineReason.NoneAccepted);
        _collector.OfferDeclined(CreateRequest(upgrade: "TLS/1.2"), DeclineReason.NoneAccepted);
        _collector.OfferDeclined(CreateRequest(upgrade: "TLS/1.2"), DeclineReason.NotRequired);
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal(
            (2, 1, 0, 1),
            (caller.GetDeclined(DeclineReason.NoneAccepted).Count, caller.GetDeclined(DeclineReason.NotRequired).Count,
                caller.GetDeclined(DeclineReason.ByCode).Count, caller.DeclinedAsterisks.Count));
    }

    [Fact]
    public void Upgrade_ThatFails_TellsWhy()
    {
        _collector.Start();
        var settled = Settle(ConnectionOutcome.Failed, TlsStart.FirstRequest, FailureCause.ClientRejectedCertificate, host: "printer.test");
        var connection = UpgradeConnection.Of(settled.Connection.Features)!;
        connection.Handshake = new(connection, startedAt: 0) { ServerCertificate = TestCertificates.Server, BeganWithAlert = true, FirstAlert = 48 };
        _collector.ConnectionSettled(settled);
        var failure = Assert.Single(Assert.Single(_collector.Callers.All).Failures.Read());
        Assert.Equal((FailureCause.ClientRejectedCertificate, 1, "printer.test", null), (failure.Cause, failure.Count, failure.Host, failure.Versions));
        Assert.Contains("unknown_ca", failure.Explanation, StringComparison.Ordinal);

        // What is known of the last one replaces what was known before, and causes are apart.
        _collector.ConnectionSettled(Settle(ConnectionOutcome.Failed, TlsStart.FirstRequest, FailureCause.ClientRejectedCertificate));
        _collector.ConnectionSettled(Settle(ConnectionOutcome.Refused, TlsStart.FirstRequest, FailureCause.BrowserHello));
        Assert.Equal(
            ["ClientRejectedCertificate 2 ", "BrowserHello 1 "],
            Assert.Single(_collector.Callers.All).Failures.Read().Select(static row => $"{row.Cause} {row.Count} {row.Host}"));
    }

    [Fact]
    public void Caller_FallenBack_IsTold()
    {
        _collector.CallerFellBack(CreateFallen());
        Assert.Empty(_collector.Callers.All);
        _collector.Start();
        _collector.CallerFellBack(CreateFallen());
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal(("curl/8", "192.0.2.0/24", _time.GetUtcNow().AddHours(1)), (caller.Key.Product, caller.Key.Network.ToString(), caller.FallenUntil));
    }

    /// <summary>The handshake was over, so the connection has counted as upgraded.</summary>
    [Fact]
    public void Caller_GoneAfterTheHandshake_HasFailed()
    {
        _collector.Start();
        var fallen = CreateFallen();
        var replayed = CreateRequest(userAgent: fallen.UserAgent);
        replayed.Connection.RemoteIpAddress = ((IPEndPoint)fallen.Connection.RemoteEndPoint!).Address;
        _collector.RequestReceived(replayed, TlsUpgradeState.Upgraded, isReplayed: true);
        _collector.CallerFellBack(fallen with { Cause = FailureCause.GoneAfterHandshake, Host = "10.0.0.9" });
        var caller = Assert.Single(_collector.Callers.All);
        Assert.Equal(0, caller.Upgraded);
        var failure = Assert.Single(caller.Failures.Read());
        Assert.Equal((1, FailureCause.GoneAfterHandshake, "10.0.0.9"), (caller.Failed, failure.Cause, failure.Host));
    }

    [Fact]
    public void Caller_Expected_IsApartFromOthersOfItsNetwork()
    {
        var collector = new ReportCollector(_time, new(["Prometheus"], [IPNetwork.Parse("192.0.2.7/32"), IPNetwork.Parse("2001:db8::/32")]));
        collector.Start();
        foreach (var (userAgent, address) in new[]
        {
            ("curl/8", "192.0.2.7"), ("curl/8", "::ffff:192.0.2.7"), ("curl/8", "192.0.2.8"), ("prometheus/2.53", "198.51.100.1"), ("curl/8", "2001:db8::9"), ("x-prometheus/2", "198.51.100.1"),
        })
        {
            var request = CreateRequest(userAgent: userAgent);
            request.Connection.RemoteIpAddress = IPAddress.Parse(address);
            collector.RequestReceived(request, TlsUpgradeState.Plaintext, isReplayed: false);
        }

        Assert.Equal(
            [
                "curl/8 192.0.2.0/24 False 1", "curl/8 192.0.2.0/24 True 2", "curl/8 2001:db8::/48 True 1", "prometheus/2.53 198.51.100.0/24 True 1",
                "x-prometheus/2 198.51.100.0/24 False 1",
            ],
            collector.Callers.All.Select(static caller => $"{caller.Key.Product} {caller.Key.Network} {caller.Key.IsExpected} {caller.Plaintext}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Settings_Changed_BeginAnEra()
    {
        _collector.Start();
        var start = _collector.Since;
        _collector.Rules.Note("Offers=None", _time.GetUtcNow().AddMinutes(1));
        _collector.Rules.Note("Offers=None", _time.GetUtcNow().AddMinutes(2));
        Assert.Equal((0, start), (_collector.Rules.Number, _collector.Rules.Since));
        _collector.Rules.Note("Offers=All", _time.GetUtcNow().AddMinutes(3));
        Assert.Equal((1, start.AddMinutes(3), "Offers=All"), (_collector.Rules.Number, _collector.Rules.Since, _collector.Rules.Settings));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", TlsUpgradeState.Plaintext)]
    [InlineData("curl/8", TlsUpgradeState.DirectTls)]
    [InlineData("curl/8", TlsUpgradeState.Upgraded)]
    public void Request_OfAKnownCallerOfAnyKind_AllocatesNothing(string userAgent, TlsUpgradeState state)
    {
        var collector = new ReportCollector(_time, new(["Prometheus"], [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8::/32")]));
        collector.Start();
        var request = CreateRequest(userAgent: userAgent);
        collector.RequestReceived(request, TlsUpgradeState.Upgraded, isReplayed: true);
        collector.RequestReceived(request, state, isReplayed: false);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            collector.RequestReceived(request, state, isReplayed: false);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Request_OfAKnownCaller_AllocatesNothing()
    {
        _collector.Start();
        var request = CreateRequest();
        _collector.RequestReceived(request, TlsUpgradeState.Plaintext, isReplayed: false);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _collector.RequestReceived(request, TlsUpgradeState.Plaintext, isReplayed: false);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private TrafficCounts Counts => _collector.Traffic.At(_time.GetUtcNow());

    private FallenCaller CreateFallen() => new(
        Settle(ConnectionOutcome.Failed, TlsStart.FirstRequest, FailureCause.Reset).Connection,
        "curl/8 (a comment)",
        "localhost",
        FailureCause.Reset,
        _time.GetUtcNow().AddHours(1));

    private static DefaultHttpContext CreateNavigation()
    {
        var context = CreateRequest(userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
        (context.Request.Method, context.Request.Headers.UpgradeInsecureRequests) = ("GET", "1");
        return context;
    }

    private static DefaultHttpContext CreateRequest(string? upgrade = null, string userAgent = "curl/8 (a comment)", string? route = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        context.Request.Headers.UserAgent = userAgent;
        if (route is not null)
        {
            context.SetEndpoint(new RouteEndpoint(static _ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0, null, null));
        }

        if (upgrade is not null)
        {
            context.Request.Headers.Upgrade = upgrade;
        }

        return context;
    }

    private static ConnectionResult Settle(
        ConnectionOutcome outcome, TlsStart start, FailureCause cause, string head = "GET / HTTP/1.1\r\nUser-Agent: curl/8 (a comment)\r\n\r\n", string host = "localhost")
    {
        var connection = new TestConnection().Context;
        connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 1234);
        var upgrade = UpgradeConnections.Create(connection);
        upgrade.Accept(new UpgradeRequest(
            UpgradeToken.Tls12, host, Encoding.ASCII.GetBytes(head), start is TlsStart.FirstRequest), upgrade.Settings);
        connection.Features.Set(upgrade);
        return new(connection, outcome, start, cause);
    }
}
