using System.Collections.Concurrent;
using System.Net;
using System.Text;
using KestrelTlsUpgrade.Internal.Fallback;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Fallback;

/// <summary>Two instances and the cache between them.</summary>
public sealed class SharedFallbackTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly IPEndPoint Caller = new(IPAddress.Parse("192.0.2.7"), 4000);
    private static readonly FallbackCause Rejected = FallbackCause.Of(FailureCause.ClientRejectedCertificate, null);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly RecordingLogger _logger = new();
    private readonly Cache _cache;
    private readonly FallbackMemory _one;
    private readonly FallbackMemory _two;

    public SharedFallbackTests()
    {
        _cache = new(_time);
        _one = Create("same");
        _two = Create("same");
    }

    [Fact]
    public async Task Unknown_WaitsForTheCache_AndIsAskedForOnce()
    {
        var request = Request();
        Assert.Equal(DeclineReason.NotKnown, _one.Judge(Caller, request));
        Assert.Null(request.Trial);
        Assert.Equal(DeclineReason.None, await _one.JudgeAsync(Caller, request));
        _one.Succeed(request.Trial!);
        var calls = _cache.Reads;
        Assert.Equal(DeclineReason.None, await _one.JudgeAsync(Caller, Request()));
        Assert.Equal(DeclineReason.None, _one.Judge(Caller, Request()));
        Assert.Equal(calls, _cache.Reads);
    }

    [Fact]
    public async Task FailedAtOne_IsDeclinedAtTheOther_ForTheRestOfTheTime()
    {
        await FailAsync(_one);
        _time.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(DeclineReason.FellBack, await _two.JudgeAsync(Caller, Request()));

        // Known from now on, without another look.
        Assert.Equal(DeclineReason.FellBack, _two.Judge(Caller, Request()));
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(DeclineReason.None, await _two.JudgeAsync(Caller, Request()));
    }

    [Fact]
    public async Task UnderWayAtOne_IsDeclinedAtTheOther_ForTwoSecondsAtMost()
    {
        Assert.Equal(DeclineReason.None, await _one.JudgeAsync(Caller, Request()));
        Assert.Equal(DeclineReason.FirstUnderWay, await _two.JudgeAsync(Caller, Request()));
        _time.Advance(FallbackMemory.FirstLimit);
        Assert.Equal(DeclineReason.None, await _two.JudgeAsync(Caller, Request()));
    }

    [Fact]
    public async Task SucceededAtOne_IsTriedAtTheOther()
    {
        var request = Request();
        await _one.JudgeAsync(Caller, request);
        _one.Succeed(request.Trial!);
        await _cache.WaitForAsync(static cache => cache.Count == 0);
        Assert.Equal(DeclineReason.None, await _two.JudgeAsync(Caller, Request()));
    }

    [Fact]
    public async Task OtherSettings_ShareNothing()
    {
        await FailAsync(_one);
        Assert.Equal(DeclineReason.None, await Create("other certificate").JudgeAsync(Caller, Request()));
    }

    /// <summary>The cache has no addresses and no names of clients.</summary>
    [Fact]
    public async Task Keys_AreHashes()
    {
        await FailAsync(_one);
        Assert.Matches("^KestrelTlsUpgrade:fallback:[0-9A-F]{64}$", Assert.Single(_cache.Keys));
    }

    [Fact]
    public async Task SilentCache_DeclinesInTime_AndIsLeftAloneForAWhile()
    {
        _cache.Answer = new TaskCompletionSource();
        var judging = _one.JudgeAsync(Caller, Request()).AsTask();
        await _cache.WaitForAsync(static cache => cache.Reads == 1);
        Assert.Equal(DeclineReason.NotKnown, await OutlastAsync(judging));
        Assert.Equal(DeclineReason.NotKnown, await _one.JudgeAsync(Caller, Request()));
        Assert.Equal(1, _cache.Reads);
        Assert.Equal("SharedFallbackSilent", Assert.Single(_logger.Lines).Id.Name);

        _cache.Answer = null;
        _time.Advance(SharedFallback.Pause);
        Assert.Equal(DeclineReason.None, await _one.JudgeAsync(Caller, Request()));
        Assert.Equal(["SharedFallbackSilent", "SharedFallbackAnswers"], _logger.Lines.Select(static line => line.Id.Name));
    }

    /// <summary>As some implementations do while they connect.</summary>
    [Fact]
    public async Task CacheThatBlocksItsCaller_DeclinesInTime()
    {
        using var gate = new ManualResetEventSlim();
        _cache.Gate = gate;
        var judging = _one.JudgeAsync(Caller, Request()).AsTask();
        await _cache.WaitForAsync(static cache => cache.Reads == 1);
        Assert.Equal(DeclineReason.NotKnown, await OutlastAsync(judging));
        gate.Set();
    }

    /// <summary>As with a cache whose own timeout is longer: nobody waits for it any more.</summary>
    [Fact]
    public async Task CacheThatFailsLater_LeavesNoExceptionUnobserved()
    {
        using var unobserved = new UnobservedExceptions();
        _cache.Answer = new TaskCompletionSource();
        var judging = _one.JudgeAsync(Caller, Request()).AsTask();
        await _cache.WaitForAsync(static cache => cache.Reads == 1);
        Assert.Equal(DeclineReason.NotKnown, await OutlastAsync(judging));
        await unobserved.VerifyAsync(() =>
        {
            var late = new TimeoutException("The cache gave up.");
            _cache.Answer!.SetException(late);
            _ = _cache.Answer.Task.Exception;
            _cache.Answer = null;
            return late;
        });
    }

    [Fact]
    public async Task CacheThatThrows_Declines()
    {
        _cache.Failure = new InvalidOperationException("It is not there.");
        Assert.Equal(DeclineReason.NotKnown, await _one.JudgeAsync(Caller, Request()));
        Assert.Equal("SharedFallbackSilent", Assert.Single(_logger.Lines).Id.Name);
    }

    /// <summary>A success and a failure are known here, whatever becomes of the cache.</summary>
    [Fact]
    public async Task CacheThatDies_LeavesWhatIsKnown()
    {
        var request = Request();
        await _one.JudgeAsync(Caller, request);
        _cache.Failure = new InvalidOperationException("It is not there.");
        _one.Succeed(request.Trial!);
        Assert.Equal(DeclineReason.None, _one.Judge(Caller, Request()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("02")]
    [InlineData("0200000000000000FF")]
    [InlineData("03")]
    [InlineData("020000000000000000")]
    [InlineData("027FFFFFFFFFFFFFFF")]
    [InlineData("02FFFFFFFFFFFFFFFF")]
    public async Task ForeignValue_IsNoFailure(string hex)
    {
        _cache.Value = Convert.FromHexString(hex);
        Assert.NotEqual(DeclineReason.FellBack, await _one.JudgeAsync(Caller, Request()));
    }

    /// <summary>A clock of another instance that is fast, or a value that somebody else has written.</summary>
    [Fact]
    public async Task FailedForLonger_IsDeclinedForTheLifetimeOnly()
    {
        _cache.Value = [2, .. BitConverter.GetBytes((_time.GetUtcNow() + (3 * Lifetime)).UtcTicks).Reverse()];
        Assert.Equal(DeclineReason.FellBack, await _one.JudgeAsync(Caller, Request()));
        _cache.Value = null;
        _time.Advance(Lifetime);
        Assert.Equal(DeclineReason.None, await _one.JudgeAsync(Caller, Request()));
    }

    private FallbackMemory Create(string settings) => new(Lifetime, _time, new SharedFallback(_cache, _time, _logger), settings);

    private async Task FailAsync(FallbackMemory memory)
    {
        var request = Request();
        Assert.Equal(DeclineReason.None, await memory.JudgeAsync(Caller, request));
        memory.Fail(request.Trial!, Rejected, out _);
        await _cache.WaitForAsync(static cache => cache.Values.Any(static value => value.Length > 1));
    }

    /// <summary>Lets time pass until nobody waits for the cache any more.</summary>
    private async Task<DeclineReason> OutlastAsync(Task<DeclineReason> judging)
    {
        while (!judging.IsCompleted)
        {
            _time.Advance(SharedFallback.Patience);
            await Task.Yield();
        }

        return await judging;
    }

    private static UpgradeRequest Request() => new(
        UpgradeToken.Tls12, "host.test", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: host.test\r\nUser-Agent: old/1.0\r\n\r\n"), isFirst: true);

    /// <summary>A cache that lives on the test's clock, and can be slow, dead or strange.</summary>
    private sealed class Cache(TimeProvider time) : IDistributedCache
    {
        private readonly ConcurrentDictionary<string, (byte[] Value, DateTimeOffset Until)> _entries = [];
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public int Count => _entries.Count;

        public IEnumerable<string> Keys => _entries.Keys;

        public IEnumerable<byte[]> Values => _entries.Values.Select(static entry => entry.Value);

        public TaskCompletionSource? Answer { get; set; }

        public ManualResetEventSlim? Gate { get; set; }

        public Exception? Failure { get; set; }

        public byte[]? Value { get; set; }

        public async Task WaitForAsync(Func<Cache, bool> condition)
        {
            using var patience = new CancellationTokenSource(TestConnection.Patience);
            while (!condition(this))
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
        {
            Interlocked.Increment(ref _reads);
            Gate?.Wait(token);
            await Step();
            return Value ?? (_entries.TryGetValue(key, out var entry) && entry.Until > time.GetUtcNow() ? entry.Value : null);
        }

        public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            await Step();
            _entries[key] = (value, time.GetUtcNow() + options.AbsoluteExpirationRelativeToNow!.Value);
        }

        public async Task RemoveAsync(string key, CancellationToken token = default)
        {
            await Step();
            _entries.TryRemove(key, out _);
        }

        public byte[]? Get(string key) => throw new NotSupportedException();

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw new NotSupportedException();

        public void Refresh(string key) => throw new NotSupportedException();

        public Task RefreshAsync(string key, CancellationToken token = default) => throw new NotSupportedException();

        public void Remove(string key) => throw new NotSupportedException();

        private Task Step() => Failure is not null ? Task.FromException(Failure) : Answer?.Task ?? Task.CompletedTask;
    }
}
