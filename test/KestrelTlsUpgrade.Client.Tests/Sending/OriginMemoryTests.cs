using KestrelTlsUpgrade.Client.Internal;
using KestrelTlsUpgrade.Client.Internal.Sending;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

public sealed class OriginMemoryTests
{
    [Fact]
    public void Knows_AfterTheLifetime_Forgotten()
    {
        var time = new FakeTimeProvider();
        var memory = new OriginMemory();
        var origin = new Origin("a.test", 80);
        memory.Remember(origin, time);
        Assert.True(memory.Knows(origin, time, TimeSpan.FromSeconds(2)));
        Assert.False(memory.Knows(new Origin("a.test", 81), time, TimeSpan.FromSeconds(2)));
        Assert.False(memory.Knows(new Origin("b.test", 80), time, TimeSpan.FromSeconds(2)));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(memory.Knows(origin, time, Timeout.InfiniteTimeSpan));
        Assert.False(memory.Knows(origin, time, TimeSpan.FromSeconds(2)));
        Assert.False(memory.Knows(origin, time, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public void Knows_NoLifetime_Nothing()
    {
        var time = new FakeTimeProvider();
        var memory = new OriginMemory();
        memory.Remember(new Origin("a.test", 80), time);
        Assert.False(memory.Knows(new Origin("a.test", 80), time, TimeSpan.Zero));
    }

    [Fact]
    public void Remember_MoreThanThereIsRoomFor_StaysBounded()
    {
        var time = new FakeTimeProvider();
        var memory = new OriginMemory();
        for (var port = 0; port < 10_000; port++)
        {
            memory.Remember(new Origin("a.test", port), time);
        }

        Assert.InRange(Enumerable.Range(0, 10_000).Count(port => memory.Knows(new Origin("a.test", port), time, Timeout.InfiniteTimeSpan)), 1, 4096);
    }
}
