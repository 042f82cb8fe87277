using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Http;
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

    private static DefaultHttpContext CreateRequest(string? upgrade = null)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("::ffff:192.0.2.7");
        context.Request.Headers.UserAgent = "curl/8 (a comment)";
        if (upgrade is not null)
        {
            context.Request.Headers.Upgrade = upgrade;
        }

        return context;
    }

    private static ConnectionResult Settle(
        ConnectionOutcome outcome, TlsStart start, FailureCause cause, string head = "GET / HTTP/1.1\r\nUser-Agent: curl/8 (a comment)\r\n\r\n")
    {
        var connection = new TestConnection().Context;
        connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 1234);
        var upgrade = UpgradeConnections.Create(connection);
        upgrade.Accept(new UpgradeRequest(
            UpgradeToken.Tls12, "localhost", Encoding.ASCII.GetBytes(head), start is TlsStart.FirstRequest), upgrade.Settings);
        connection.Features.Set(upgrade);
        return new(connection, outcome, start, cause);
    }
}
