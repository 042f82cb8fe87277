using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;

namespace KestrelTlsUpgrade.Tunnel.Tests.Dialing;

/// <summary>How many names are looked up at a time, and for whom.</summary>
public sealed class NameLookupsTests : IDisposable
{
    private static readonly CallerKey A = Caller("10.0.0.1");
    private static readonly CallerKey B = Caller("10.0.0.2");

    private readonly SilentResolver _resolver = new();
    private readonly CancellationTokenSource _end = new();

    public void Dispose()
    {
        _end.Cancel();
        _resolver.Dispose();
        _end.Dispose();
    }

    private static CallerKey Caller(string address) => CallerKey.Of(new IPEndPoint(IPAddress.Parse(address), 1));

    private static BlockingThreads Threads() => new("test", TimeSpan.FromMilliseconds(50));

    private NameLookups Create(int places) => new(_resolver, Threads(), places);

    private Task<IPAddress[]> Ask(NameLookups lookups, string name, CallerKey caller) => lookups.ResolveAsync(name, caller, _end.Token);

    private async Task<IPAddress[]> AnswerAsync(string name, Task<IPAddress[]> lookup)
    {
        _resolver.Answer(name, "127.0.0.1");
        return await lookup.WaitAsync(RawConnection.Patience);
    }

    private static async Task<TunnelOutcome> GiveUpAsync(NameLookups lookups, string name, CallerKey caller)
    {
        using var time = new CancellationTokenSource();
        var lookup = lookups.ResolveAsync(name, caller, time.Token);
        await time.CancelAsync();
        return (await Assert.ThrowsAsync<LookupTimeoutException>(() => lookup.WaitAsync(RawConnection.Patience))).Outcome;
    }

    [Fact]
    public async Task P32_OneCaller_GetsHalfOfThePlacesAndTheRestWaits()
    {
        var lookups = Create(places: 8);
        var all = Enumerable.Range(0, 20).ToDictionary(static i => $"{i}.test", i => Ask(lookups, $"{i}.test", A));
        await _resolver.AskedAsync(4);
        var other = Ask(lookups, "other.test", B);
        await _resolver.AskedAsync(5);
        Assert.Equal(["0.test", "1.test", "2.test", "3.test", "other.test"], _resolver.Asked.Order());
        foreach (var (name, lookup) in all)
        {
            Assert.Equal([IPAddress.Loopback], await AnswerAsync(name, lookup));
        }

        await AnswerAsync("other.test", other);
        Assert.Equal(5, _resolver.Most);
        Assert.False(_resolver.WasOnThreadPool);
    }

    [Fact]
    public async Task P32_GreedyCallers_LeaveAPlaceForTheNext()
    {
        var lookups = Create(places: 8);
        var callers = Enumerable.Range(0, 3).Select(static i => Caller($"10.0.1.{i}")).ToArray();
        var greedy = callers.SelectMany(caller => Enumerable.Range(0, 8).Select(i => Ask(lookups, $"{caller}-{i}.test", caller))).ToArray();
        for (var i = 0; i < 3; i++)
        {
            await AnswerAsync("other.test", Ask(lookups, "other.test", A));
        }

        int Count(CallerKey caller) => _resolver.Asked.Count(name => name.StartsWith($"{caller}-", StringComparison.Ordinal));
        await _resolver.AskedAsync(10);
        Assert.Equal([4, 2, 1], callers.Select(Count));
        Assert.All(greedy, static lookup => Assert.False(lookup.IsCompleted));
    }

    [Fact]
    public async Task P32_FreedPlace_GoesToTheCallerWithTheFewest()
    {
        var lookups = Create(places: 2);
        var first = Ask(lookups, "first.test", A);
        var greedy = new[] { Ask(lookups, "a.test", A), Ask(lookups, "b.test", A) };
        var second = Ask(lookups, "second.test", B);
        var third = Ask(lookups, "third.test", Caller("10.0.0.3"));
        await _resolver.AskedAsync(2);
        await AnswerAsync("second.test", second);
        await _resolver.AskedAsync(3);
        Assert.Equal(["first.test", "second.test", "third.test"], _resolver.Asked.Order());
        await AnswerAsync("third.test", third);
        await AnswerAsync("first.test", first);
        await AnswerAsync("a.test", greedy[0]);
        await AnswerAsync("b.test", greedy[1]);
    }

    [Fact]
    public async Task P32_CallersWithEquallyMany_TakeTurns()
    {
        var lookups = Create(places: 1);
        var all = new[]
        {
            ("a1.test", Ask(lookups, "a1.test", A)),
            ("a2.test", Ask(lookups, "a2.test", A)),
            ("b1.test", Ask(lookups, "b1.test", B)),
            ("a3.test", Ask(lookups, "a3.test", A)),
        };
        foreach (var (name, lookup) in all)
        {
            await AnswerAsync(name, lookup);
        }

        Assert.Equal(["a1.test", "a2.test", "b1.test", "a3.test"], _resolver.Asked);
    }

    [Fact]
    public async Task P32_Timeout_EndsTheWaitButNotTheLookup()
    {
        var lookups = Create(places: 2);
        Assert.Equal(TunnelOutcome.NameTimeout, await GiveUpAsync(lookups, "a.test", A));
        Assert.Equal(TunnelOutcome.LookupsBusy, await GiveUpAsync(lookups, "b.test", A));
        Assert.Equal(TunnelOutcome.NameTimeout, await GiveUpAsync(lookups, "c.test", B));
        Assert.Equal(TunnelOutcome.LookupsBusy, await GiveUpAsync(lookups, "d.test", Caller("10.0.0.3")));
        var waiting = Ask(lookups, "e.test", A);
        await _resolver.AskedAsync(2);
        _resolver.Answer("a.test", "127.0.0.1");
        await _resolver.AskedAsync(3);
        await AnswerAsync("e.test", waiting);
        Assert.Equal(["a.test", "c.test", "e.test"], _resolver.Asked.Order());
    }

    [Fact]
    public async Task EqualNames_ShareALookupWhileItLasts()
    {
        var lookups = Create(places: 8);
        var shared = new[] { Ask(lookups, "a.test", A), Ask(lookups, "a.test", A), Ask(lookups, "a.test", B) };
        _resolver.Answer("a.test", "10.1.1.1", "::1");
        foreach (var lookup in shared)
        {
            Assert.Equal([IPAddress.Parse("10.1.1.1"), IPAddress.IPv6Loopback], await lookup.WaitAsync(RawConnection.Patience));
        }

        Assert.Single(_resolver.Asked);
        await AnswerAsync("a.test", Ask(lookups, "a.test", A));
        Assert.Equal(2, _resolver.Asked.Count);
    }

    [Fact]
    public async Task EqualNames_WaitTogetherUntilOneOfTheCallersHasAPlace()
    {
        var lookups = Create(places: 2);
        var first = Ask(lookups, "first.test", A);
        var waiting = new[] { Ask(lookups, "a.test", A), Ask(lookups, "a.test", A), Ask(lookups, "a.test", B) };
        await _resolver.AskedAsync(2);
        _resolver.Answer("a.test", "127.0.0.1");
        await Task.WhenAll(waiting).WaitAsync(RawConnection.Patience);
        await AnswerAsync("first.test", first);
        Assert.Equal(2, _resolver.Asked.Count);
    }

    [Fact]
    public async Task EqualNames_OneTunnelGivesUp_TheOthersStillWait()
    {
        var lookups = Create(places: 1);
        var first = Ask(lookups, "first.test", A);
        var waiting = Ask(lookups, "a.test", A);
        Assert.Equal(TunnelOutcome.LookupsBusy, await GiveUpAsync(lookups, "a.test", A));
        Assert.Equal(TunnelOutcome.LookupsBusy, await GiveUpAsync(lookups, "a.test", B));
        await AnswerAsync("first.test", first);
        await AnswerAsync("a.test", waiting);
    }

    /// <summary>Otherwise callers could begin lookups for each other.</summary>
    [Fact]
    public async Task P32_EqualNames_CountForEveryCaller()
    {
        var lookups = Create(places: 2);
        var shared = new[] { Ask(lookups, "a.test", A), Ask(lookups, "a.test", B), Ask(lookups, "a.test", B) };
        await _resolver.AskedAsync(1);
        Assert.Equal(TunnelOutcome.LookupsBusy, await GiveUpAsync(lookups, "b.test", B));
        await AnswerAsync("a.test", Task.WhenAll(shared).ContinueWith(static all => all.Result[0], TaskScheduler.Default));
        await AnswerAsync("b.test", Ask(lookups, "b.test", B));
    }

    [Fact]
    public async Task Failure_IsForAllWhoWait()
    {
        var lookups = Create(places: 2);
        var shared = new[] { Ask(lookups, "a.test", A), Ask(lookups, "a.test", B) };
        _resolver.Fail("a.test");
        foreach (var lookup in shared)
        {
            Assert.Equal(SocketError.HostNotFound, (await Assert.ThrowsAsync<SocketException>(() => lookup)).SocketErrorCode);
        }

        _resolver.Answer("b.test");
        Assert.Equal(SocketError.NoData, (await Assert.ThrowsAsync<SocketException>(() => Ask(lookups, "b.test", A))).SocketErrorCode);
    }

    [Fact]
    public async Task NoThread_FailsAndLeavesThePlaceFree()
    {
        var isExhausted = true;
        var lookups = new NameLookups(
            _resolver,
            new BlockingThreads(work => new Thread(isExhausted ? throw new InsufficientMemoryException() : work).Start(), TimeSpan.FromMilliseconds(50)),
            places: 1);
        Assert.Equal(SocketError.TryAgain, (await Assert.ThrowsAsync<SocketException>(() => Ask(lookups, "a.test", A))).SocketErrorCode);
        isExhausted = false;
        await AnswerAsync("a.test", Ask(lookups, "a.test", A));
    }
}
