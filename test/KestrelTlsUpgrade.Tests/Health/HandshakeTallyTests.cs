using System.Net;
using KestrelTlsUpgrade.Internal.Health;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using TlsStart = KestrelTlsUpgrade.Internal.Telemetry.TlsStart;

namespace KestrelTlsUpgrade.Tests.Health;

public sealed class HandshakeTallyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestConnection _connection = new();
    private readonly HandshakeTally _tally;

    public HandshakeTallyTests() => _tally = new(new(_time));

    [Fact]
    public void Count_Nothing_IsNothing() => AssertCounts(0, 0);

    [Fact]
    public void Count_OnlyHandshakes_AndOnlyTheirFailures()
    {
        Report(ConnectionOutcome.Silent);
        Report(ConnectionOutcome.Plaintext);
        Report(ConnectionOutcome.Upgraded, TlsStart.FirstRequest);
        Report(ConnectionOutcome.DirectTls, TlsStart.FirstByte);
        Report(ConnectionOutcome.Refused, TlsStart.FirstRequest, FailureCause.Http2Offered);
        Report(ConnectionOutcome.Failed, TlsStart.FirstRequest, FailureCause.Closed);
        Report(ConnectionOutcome.Failed, TlsStart.LaterRequest, FailureCause.NoSharedVersion);
        Report(ConnectionOutcome.Failed, TlsStart.FirstByte, FailureCause.NoSharedVersion);
        AssertCounts(6, 3, (FailureCause.NoSharedVersion, 2), (FailureCause.Closed, 1));
    }

    [Fact]
    public void Count_AfterFiveMinutes_IsForgotten()
    {
        Report(ConnectionOutcome.Failed, TlsStart.FirstByte, FailureCause.Reset);
        _time.Advance(TimeSpan.FromSeconds(270));
        Report(ConnectionOutcome.Upgraded, TlsStart.FirstRequest);
        AssertCounts(2, 1, (FailureCause.Reset, 1));
        _time.Advance(TimeSpan.FromSeconds(30));
        AssertCounts(1, 0);

        // Its place is taken by another one.
        Report(ConnectionOutcome.Upgraded, TlsStart.FirstRequest);
        AssertCounts(2, 0);
        _time.Advance(TimeSpan.FromDays(1));
        AssertCounts(0, 0);
    }

    [Fact]
    public void Count_Callers_AreAddressesAndNetworks()
    {
        Fail("192.0.2.1");
        Fail("192.0.2.1");
        Succeed("192.0.2.1");
        Fail("192.0.2.2");
        Succeed("2001:db8::1");
        _time.Advance(TimeSpan.FromSeconds(30));
        Fail("2001:db8::2");
        var summary = _tally.Count();
        Assert.Equal([(1L, 1L), (2, 1), (3, 2)], summary.Callers.Select(static caller => (caller.All, caller.Failed)).Order());
        Assert.Equal(2, summary.CountFailing(0.5));
        Assert.Equal(0, summary.CountFailing(1));
    }

    [Fact]
    public void Count_MoreCallersThanThereIsRoomFor_AreOneTogether()
    {
        for (var i = 0; i < HandshakeTally.MaxCallers + 10; i++)
        {
            Fail(new IPAddress(i).ToString());
        }

        var summary = _tally.Count();
        Assert.Equal(HandshakeTally.MaxCallers + 10, summary.Failed);
        Assert.Equal(HandshakeTally.MaxCallers + 1, summary.Callers.Count);
    }

    private void AssertCounts(long all, long failed, params (FailureCause Cause, long Count)[] causes)
    {
        var summary = _tally.Count();
        Assert.Equal((all, failed), (summary.All, summary.Failed));
        Assert.Equal(causes, summary.Causes);
        Assert.Equal(all > 0 ? 1 : 0, summary.Callers.Count);
    }

    private void Succeed(string caller) => ReportFrom(caller, ConnectionOutcome.Upgraded, FailureCause.None);

    private void Fail(string caller) => ReportFrom(caller, ConnectionOutcome.Failed, FailureCause.Closed);

    private void ReportFrom(string caller, ConnectionOutcome outcome, FailureCause cause)
    {
        _connection.Context.RemoteEndPoint = new IPEndPoint(IPAddress.Parse(caller), 50000);
        Report(outcome, TlsStart.FirstRequest, cause);
    }

    private void Report(ConnectionOutcome outcome, TlsStart start = TlsStart.None, FailureCause cause = FailureCause.None) =>
        _tally.ConnectionSettled(new(_connection.Context, outcome, start, cause));
}
