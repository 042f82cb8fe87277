using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class TrafficCountsTests
{
    [Fact]
    public void Everything_HasAPlaceOfItsOwn()
    {
        var counts = new TrafficCounts();
        var states = Enum.GetValues<TlsUpgradeState>();
        var outcomes = Enum.GetValues<ConnectionOutcome>();
        var causes = Enum.GetValues<FailureCause>();
        for (var i = 0; i < states.Length; i++)
        {
            counts.Add(states[i], 100 + i);
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            Repeat(10 + i, () => counts.Add(outcomes[i], FailureCause.None));
        }

        for (var i = 1; i < causes.Length; i++)
        {
            Repeat(20 + i, () => counts.Add(ConnectionOutcome.Failed, causes[i]));
        }

        foreach (var status in TrafficCounts.Refusals)
        {
            Repeat(status, () => counts.AddRefusal(status));
        }

        var sum = new TrafficCounts();
        sum.Add(counts);
        sum.Add(counts);
        Assert.Equal(states.Select((_, i) => 2L * (100 + i)), states.Select(state => sum[state]));
        Assert.Equal(causes.Skip(1).Select((_, i) => 2L * (21 + i)), causes.Skip(1).Select(cause => sum[cause]));
        Assert.Equal(2L * (10 + (int)ConnectionOutcome.Silent), sum[ConnectionOutcome.Silent]);
        Assert.Equal(2L * (10 + (int)ConnectionOutcome.Refused), sum[ConnectionOutcome.Refused]);
        foreach (var status in TrafficCounts.Refusals)
        {
            Assert.Equal(2L * status, sum.GetRefusals(status));
        }
    }

    [Fact]
    public void AddRefusal_OfAnotherStatus_ChangesNothing()
    {
        var counts = new TrafficCounts();
        counts.AddRefusal(500);
        foreach (var status in TrafficCounts.Refusals)
        {
            Assert.Equal(0, counts.GetRefusals(status));
        }
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
