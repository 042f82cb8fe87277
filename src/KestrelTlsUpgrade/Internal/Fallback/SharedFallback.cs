using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Tasks;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>
/// What instances tell each other through the application's distributed cache: which callers TLS has failed for, and whose first upgrade is
/// under way. A cache that does not answer makes no request wait for long: until it answers again, the offers of unknown callers are
/// declined. Thread-safe.
/// </summary>
/// <param name="cache">The application's cache.</param>
/// <param name="timeProvider">The server's clock.</param>
/// <param name="logger">A logger.</param>
internal sealed partial class SharedFallback(IDistributedCache cache, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>How long an offer waits for the cache.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a cache that did not answer is left alone.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>How many calls may be under way. A cache that blocks its callers would otherwise take the server's threads.</summary>
    private const int MaxCalls = 16;

    private const string KeyPrefix = "KestrelTlsUpgrade:fallback:";

    private const byte UnderWay = 1;
    private const byte Fallen = 2;

    private readonly Lock _lock = new();
    private int _calls;
    private bool _isSilent;
    private long _silentSince;

    /// <summary>
    /// The key of a caller and a host. It is hashed, so that the cache has no addresses. Other settings, and another certificate, make
    /// another key.
    /// </summary>
    public static string GetKey(string settings, EndPoint? caller, UpgradeRequest request) => KeyPrefix + Convert.ToHexString(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{settings}\n{CallerKey.Of(caller)}\n{request.Host.ToLowerInvariant()}\n{request.UserAgent}")));

    /// <summary>
    /// Asks about a caller. If nobody knows it, the others learn that its first upgrade is under way. Returns why its offer is declined, and
    /// for how long.
    /// </summary>
    public async ValueTask<(DeclineReason Reason, TimeSpan Left)> FindAsync(string key)
    {
        if (!IsToBeAsked())
        {
            return (DeclineReason.NotKnown, TimeSpan.Zero);
        }

        try
        {
            var startedAt = timeProvider.GetTimestamp();
            var found = await CallAsync(() => cache.GetAsync(key), Patience);
            if (found is [Fallen, .. { Length: sizeof(long) } until]
                && new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(until), TimeSpan.Zero) - timeProvider.GetUtcNow() is var rest
                && rest > TimeSpan.Zero)
            {
                return (DeclineReason.FellBack, rest);
            }

            if (found is [UnderWay])
            {
                return (DeclineReason.FirstUnderWay, TimeSpan.Zero);
            }

            var left = Patience - timeProvider.GetElapsedTime(startedAt);
            await CallAsync(() => SetAsync(key, [UnderWay], FallbackMemory.FirstLimit), left > TimeSpan.Zero ? left : TimeSpan.Zero);
            return default;
        }
#pragma warning disable CA1031 // Whatever the cache throws, the request is served in clear text.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NoteSilence(exception);
            return (DeclineReason.NotKnown, TimeSpan.Zero);
        }
    }

    /// <summary>Tells that TLS has failed for a caller. Nobody waits for it.</summary>
    public void Tell(string key, TimeSpan declined)
    {
        var value = new byte[1 + sizeof(long)];
        value[0] = Fallen;
        BinaryPrimitives.WriteInt64BigEndian(value.AsSpan(1), (timeProvider.GetUtcNow() + declined).UtcTicks);
        Detach(() => SetAsync(key, value, declined));
    }

    /// <summary>Tells that nothing is known of a caller any more. Nobody waits for it.</summary>
    public void Forget(string key) => Detach(() => cache.RemoveAsync(key));

    private async Task<bool> SetAsync(string key, byte[] value, TimeSpan lifetime)
    {
        await cache.SetAsync(key, value, new() { AbsoluteExpirationRelativeToNow = lifetime });
        return true;
    }

    private async void Detach(Func<Task> call)
    {
        if (!IsToBeAsked())
        {
            return;
        }

        try
        {
            await CallAsync(async () =>
            {
                await call();
                return true;
            }, Patience);
        }
#pragma warning disable CA1031 // Nobody waits for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NoteSilence(exception);
        }
    }

    /// <summary>
    /// Calls the cache on a thread of its own: some implementations connect, and block, before they return a task. The threads of the pool
    /// are for requests.
    /// </summary>
    private async Task<T> CallAsync<T>(Func<Task<T>> call, TimeSpan patience)
    {
        Interlocked.Increment(ref _calls);
        async Task<T> RunAsync()
        {
            try
            {
                return await call();
            }
            finally
            {
                Interlocked.Decrement(ref _calls);
            }
        }

        var calling = Task.Factory.StartNew(
            RunAsync, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();

        // It may fail when nobody waits for it any more.
        calling.ObserveFailure();
        var result = await calling.WaitAsync(patience, timeProvider);
        NoteAnswer();
        return result;
    }

    private bool IsToBeAsked()
    {
        lock (_lock)
        {
            return Volatile.Read(ref _calls) < MaxCalls && (!_isSilent || timeProvider.GetElapsedTime(_silentSince) >= Pause);
        }
    }

    private void NoteSilence(Exception exception)
    {
        bool isNew;
        lock (_lock)
        {
            (isNew, _isSilent, _silentSince) = (!_isSilent, true, timeProvider.GetTimestamp());
        }

        if (isNew)
        {
            Log.CacheSilent(logger, exception);
        }
    }

    private void NoteAnswer()
    {
        bool isNew;
        lock (_lock)
        {
            (isNew, _isSilent) = (_isSilent, false);
        }

        if (isNew)
        {
            Log.CacheAnswers(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "The distributed cache, which shares the callers that TLS has failed for (ShareFallback), does not answer. Until it does, the optional offers of callers that this instance does not know are declined, and they are served in clear text.", EventName = "SharedFallbackSilent")]
        public static partial void CacheSilent(ILogger logger, Exception exception);

        [LoggerMessage(4, LogLevel.Information, "The distributed cache answers again.", EventName = "SharedFallbackAnswers")]
        public static partial void CacheAnswers(ILogger logger);
    }
}
