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
    public void Count_Nothing_IsNothing() => Assert.Equal((0, 0, FailureCause.None), _tally.Count());

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
        Assert.Equal((6, 3, FailureCause.NoSharedVersion), _tally.Count());
    }

    [Fact]
    public void Count_AfterFiveMinutes_IsForgotten()
    {
        Report(ConnectionOutcome.Failed, TlsStart.FirstByte, FailureCause.Reset);
        _time.Advance(TimeSpan.FromSeconds(270));
        Report(ConnectionOutcome.Upgraded, TlsStart.FirstRequest);
        Assert.Equal((2, 1, FailureCause.Reset), _tally.Count());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((1, 0, FailureCause.None), _tally.Count());

        // Its place is taken by another one.
        Report(ConnectionOutcome.Upgraded, TlsStart.FirstRequest);
        Assert.Equal((2, 0, FailureCause.None), _tally.Count());
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal((0, 0, FailureCause.None), _tally.Count());
    }

    private void Report(ConnectionOutcome outcome, TlsStart start = TlsStart.None, FailureCause cause = FailureCause.None) =>
        _tally.ConnectionSettled(new(_connection.Context, outcome, start, cause));
}
