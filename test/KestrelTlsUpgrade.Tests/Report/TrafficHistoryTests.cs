using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class TrafficHistoryTests
{
    private static readonly DateTimeOffset Start = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly TrafficHistory _history = new();

    [Fact]
    public void Read_Nothing_IsEmptySteps()
    {
        var steps = _history.Read(Start, minutesOfStep: 1, steps: 60);
        Assert.Equal(60, steps.Count);
        Assert.Equal(new DateTimeOffset(2030, 2, 3, 3, 6, 0, TimeSpan.Zero), steps[0].From);
        Assert.Equal(new DateTimeOffset(2030, 2, 3, 4, 5, 0, TimeSpan.Zero), steps[^1].From);
        Assert.All(steps, static step => Assert.Equal(0, step.Counts[TlsUpgradeState.Plaintext]));
    }

    [Fact]
    public void Read_ByMinutes_EndsWithTheOneThatIsOn()
    {
        Count(Start, 2);
        Count(Start.AddSeconds(53), 3);
        Count(Start.AddMinutes(1), 5);
        Assert.Equal([0, 5, 5], ReadCounts(Start.AddMinutes(1), 1, 3));
        Assert.Equal([5, 5, 0], ReadCounts(Start.AddMinutes(2), 1, 3));
    }

    [Fact]
    public void Read_BySteps_BeginsThemByTheClock()
    {
        Count(Start.AddMinutes(24), 1);
        Count(Start.AddMinutes(25), 2);
        Count(Start.AddMinutes(54), 4);
        Count(Start.AddMinutes(55), 8);
        var steps = _history.Read(Start.AddMinutes(55), minutesOfStep: 30, steps: 3);
        Assert.Equal(["04:00", "04:30", "05:00"], steps.Select(static step => $"{step.From:HH:mm}"));
        Assert.Equal([1, 6, 8], steps.Select(static step => step.Counts[TlsUpgradeState.Plaintext]));
    }

    [Fact]
    public void Read_AfterADay_HasForgotten()
    {
        Count(Start, 7);
        Assert.Equal(7, ReadCounts(Start.AddMinutes(24 * 60).AddMinutes(-6), 30, 48).Sum());
        Assert.Equal(0, ReadCounts(Start.AddMinutes(24 * 60), 30, 48).Sum());

        // Its place is taken by another minute.
        Count(Start.AddDays(1), 3);
        Assert.Equal(3, ReadCounts(Start.AddDays(1), 30, 48).Sum());
    }

    [Fact]
    public void Read_AfterTheClockWasPutBack_ShowsNothingOfTheFuture()
    {
        Count(Start, 4);
        Count(Start.AddMinutes(-2), 1);
        Assert.Equal([0, 0, 1], ReadCounts(Start.AddMinutes(-2), 1, 3));
    }

    /// <summary>As on a machine whose clock nobody has set yet.</summary>
    [Fact]
    public void Read_AtTheBeginningOf1970_IsNothingBefore()
    {
        var now = DateTimeOffset.UnixEpoch.AddMinutes(1);
        Count(now, 3);
        Assert.Equal([0, 0, 3], ReadCounts(now, 1, 3));
        Assert.Equal(3, ReadCounts(now, 30, 48).Sum());
    }

    [Fact]
    public void Read_TakenBackInTheNextMinute_IsRightInSumAndNeverLessThanNothing()
    {
        Count(Start, 2);
        Count(Start.AddMinutes(1), -1);
        Assert.Equal([2, 0], ReadCounts(Start.AddMinutes(1), 1, 2));
        Assert.Equal([1], ReadCounts(Start.AddMinutes(1), 30, 1));
    }

    [Fact]
    public async Task At_ByManyAtATime_CountsEachOnce()
    {
        const int Threads = 4;
        const int Each = 5000;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                _history.At(Start.AddMinutes(i % 3)).Add(TlsUpgradeState.Plaintext);
            }
        })));
        Assert.Equal(Threads * Each, ReadCounts(Start.AddMinutes(2), 1, 3).Sum());
    }

    private void Count(DateTimeOffset now, int count) => _history.At(now).Add(TlsUpgradeState.Plaintext, count);

    private IEnumerable<long> ReadCounts(DateTimeOffset now, int minutesOfStep, int steps) =>
        _history.Read(now, minutesOfStep, steps).Select(static step => step.Counts[TlsUpgradeState.Plaintext]);
}
