using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class TallyTests
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private Tally _tally;

    [Fact]
    public void Add_CountsAndKeepsTheSecond()
    {
        Assert.Equal((0, DateTimeOffset.UnixEpoch), (_tally.Count, _tally.Last));
        _tally.Add(Now);
        _tally.Add(Now.AddMilliseconds(2400));
        Assert.Equal((2, Now.AddSeconds(2)), (_tally.Count, _tally.Last));
    }

    /// <summary>Otherwise a caller that is only ever redirected would count as one that was just served in clear text.</summary>
    [Fact]
    public void TakeBack_OfAllInItsSecond_ForgetsTheSecond()
    {
        _tally.Add(Now);
        _tally.Add(Now.AddHours(1));
        _tally.Add(Now.AddHours(1));
        _tally.TakeBack();
        Assert.Equal((2, Now.AddHours(1)), (_tally.Count, _tally.Last));
        _tally.TakeBack();
        Assert.Equal((1, Now), (_tally.Count, _tally.Last));
        for (var i = 0; i < 3; i++)
        {
            _tally.Add(Now.AddHours(2 + i));
            _tally.TakeBack();
            Assert.Equal((1, Now), (_tally.Count, _tally.Last));
        }
    }

    [Fact]
    public void TakeBack_OfMoreThanThereIs_IsNotNegative()
    {
        _tally.TakeBack();
        Assert.Equal(0, _tally.Count);
    }
}
