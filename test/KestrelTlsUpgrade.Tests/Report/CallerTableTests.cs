using System.Globalization;
using System.Net;
using KestrelTlsUpgrade.Report.Internal.Collecting;

namespace KestrelTlsUpgrade.Tests.Report;

public sealed class CallerTableTests
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);
    private static readonly NetworkPrefix Network = NetworkPrefix.Of(IPAddress.Parse("192.0.2.1"));

    private readonly CallerTable _table = new();

    [Fact]
    public void GetOrAdd_TheSame_IsTheSame()
    {
        var caller = _table.GetOrAdd("curl/8", Network);
        Assert.Same(caller, _table.GetOrAdd("curl/8", Network));
        Assert.Same(caller, _table.Find("curl/8", NetworkPrefix.Of(IPAddress.Parse("::ffff:192.0.2.77"))));
        Assert.NotSame(caller, _table.GetOrAdd("Curl/8", Network));
        Assert.NotSame(caller, _table.GetOrAdd("curl/8", NetworkPrefix.Of(IPAddress.Parse("192.0.3.1"))));
        Assert.Equal(3, _table.All.Count);
        Assert.Equal(0, _table.Displaced);
    }

    [Fact]
    public void Find_Unknown_AddsNothing()
    {
        Assert.Null(_table.Find("curl/8", Network));
        Assert.Empty(_table.All);
    }

    [Fact]
    public void GetOrAdd_Full_TakesThePlaceOfTheLeast()
    {
        for (var i = 0; i < CallerTable.Capacity; i++)
        {
            Call(Name(i), times: i == 100 ? 3 : 5);
        }

        Call("new", times: 1);
        Assert.Equal(CallerTable.Capacity, _table.All.Count);
        Assert.Equal(1, _table.Displaced);
        Assert.Null(_table.Find(Name(100), Network));

        // What it had before may have been among the requests of the one whose place it has.
        var caller = _table.Find("new", Network)!;
        Assert.Equal((3, 1, 4), (caller.Missed, caller.Plaintext, caller.Weight));
    }

    /// <summary>Who the least are is remembered from one time to the next, while others call and are taken back from.</summary>
    [Fact]
    public void GetOrAdd_Full_NeverTakesThePlaceOfOneWithMore()
    {
        var random = new Random(7);
        for (var i = 0; i < 5000; i++)
        {
            var missed = _table.All.Count < CallerTable.Capacity ? 0 : _table.All.Min(static caller => caller.Weight);
            var before = _table.Displaced;
            var name = Name(random.Next(600));
            var caller = _table.GetOrAdd(name, Network);
            if (_table.Displaced != before)
            {
                Assert.Equal(missed, caller.Missed);
            }

            caller.Add(CallerFigure.Plain, Now);
            Call(Name(random.Next(40)), times: random.Next(3));
        }

        Assert.Equal(CallerTable.Capacity, _table.All.Count);
        Assert.True(_table.Displaced > 1000);
    }

    /// <summary>Whoever makes up a name for each request has all be looked through once for many of them, and not for each.</summary>
    [Fact]
    public void GetOrAdd_ANameForEachRequest_LooksThroughAllOnceForMany()
    {
        var names = Enumerable.Range(0, 10 * CallerTable.Capacity).Select(Name).ToArray();
        foreach (var name in names)
        {
            Call(name, times: 1);
        }

        Assert.InRange(_table.Searches, 1, names.Length / CallerTable.Capacity);
    }

    [Fact]
    public void GetOrAdd_AHundredThousandNames_KeepsWhoCallsOften()
    {
        for (var i = 0; i < 100_000; i++)
        {
            Call(Name(i), times: 1);
            if (i % 100 == 0)
            {
                Call("often", times: 1);
            }
        }

        Assert.Equal(CallerTable.Capacity, _table.All.Count);
        var often = _table.Find("often", Network)!;
        Assert.InRange(1000, often.Plaintext, often.Plaintext + often.Missed);
        Assert.Equal(101_000, _table.All.Sum(static caller => caller.Weight));
    }

    [Fact]
    public async Task GetOrAdd_ByManyAtATime_StaysWithinItsBounds()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                Call(Name(i % 400), times: 1);
            }
        })));
        Assert.Equal(CallerTable.Capacity, _table.All.Count);
        Assert.Equal(_table.All.Count, _table.All.Select(static caller => caller.Key).Distinct().Count());
    }

    [Fact]
    public void GetOrAdd_Known_AllocatesNothing()
    {
        var network = Network;
        _table.GetOrAdd("curl/8", network).Add(CallerFigure.Offering, Now);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            _table.GetOrAdd("curl/8", network).Add(CallerFigure.Offering, Now);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Caller_TellsWhatItDid()
    {
        var caller = _table.GetOrAdd("curl/8", Network);
        caller.Add(CallerFigure.Plain, Now);
        Assert.Equal((1, 0, 0, false), (caller.Plaintext, caller.Upgraded, caller.Failed, caller.OffersUpgrade));
        caller.Add(CallerFigure.Offering, Now.AddSeconds(2));

        // The clock is put back.
        caller.Add(CallerFigure.Plain, Now.AddSeconds(1));
        Assert.Equal((3, true, Now.AddSeconds(1)), (caller.Plaintext, caller.OffersUpgrade, caller.LastSeen));
        caller.Add(CallerFigure.Upgraded, Now.AddSeconds(3));
        caller.Add(CallerFigure.Failed, Now.AddSeconds(4));
        Assert.Equal((1, 1, Now.AddSeconds(4), 5), (caller.Upgraded, caller.Failed, caller.LastSeen, caller.Weight));
        Assert.Equal(Now.AddSeconds(1), caller.LastPlaintext);
        caller.TakeBack(CallerFigure.Plain);
        caller.TakeBack(CallerFigure.Upgraded);
        Assert.Equal((2, 0), (caller.Plaintext, caller.Upgraded));
    }

    private static string Name(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void Call(string product, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _table.GetOrAdd(product, Network).Add(CallerFigure.Plain, Now);
        }
    }
}
