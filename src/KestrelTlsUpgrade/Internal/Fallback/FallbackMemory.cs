using System.Net;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>
/// Remembers the callers that TLS has failed for, so that their next optional offers are declined and they are served in clear text. As
/// long as it is unknown whether TLS works for a caller, one of its offers is accepted at a time. Belongs to the settings of an endpoint,
/// and ends with them: with another certificate, everybody is unknown again. Thread-safe.
/// </summary>
/// <param name="lifetime">How long a caller's offers are declined after a failure.</param>
/// <param name="timeProvider">The server's clock.</param>
/// <param name="shared">What is shared with other instances, if anything is.</param>
/// <param name="settings">Tells these settings from others in what is shared.</param>
internal sealed class FallbackMemory(
    TimeSpan lifetime, TimeProvider timeProvider, SharedFallback? shared = null, string settings = "")
{
    /// <summary>The number of callers and hosts that are remembered. Those that say least about the next offer give way.</summary>
    public const int Capacity = 4096;

    /// <summary>The number for one address, so that nobody fills the table from one place.</summary>
    public const int CapacityPerAddress = 32;

    /// <summary>How long other offers of a caller wait for the outcome of its first.</summary>
    public static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long offers are declined after a failure that one bad moment can cause. Doubled each time that it recurs.</summary>
    public static readonly TimeSpan BriefLifetime = TimeSpan.FromMinutes(5);

    /// <summary>How long a success is remembered. After that, the next offer shows whether it still holds.</summary>
    private static readonly TimeSpan SuccessLifetime = TimeSpan.FromDays(1);

    private readonly Dictionary<FallbackKey, Entry> _entries = [];
    private readonly Dictionary<CallerKey, List<FallbackKey>> _byAddress = [];
    private readonly Lock _lock = new();

    /// <summary>The number of entries.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Decides on an optional offer at once. Never waits for other instances: <see cref="JudgeAsync"/> does.</summary>
    /// <param name="caller">The other end of the connection.</param>
    /// <param name="request">The request. It gets a trial if it is not known yet whether TLS works for the caller.</param>
    public DeclineReason Judge(EndPoint? caller, UpgradeRequest request) => Judge(caller, request, isShared: shared is null);

    /// <summary>Decides on an optional offer, after other instances have been asked about an unknown caller.</summary>
    public async ValueTask<DeclineReason> JudgeAsync(EndPoint? caller, UpgradeRequest request)
    {
        var reason = Judge(caller, request);
        if (shared is null || reason is not DeclineReason.NotKnown)
        {
            return reason;
        }

        var found = await shared.FindAsync(SharedFallback.GetKey(settings, caller, request));
        if (found.Reason is DeclineReason.FellBack)
        {
            Fall(FallbackKey.Of(caller, request), found.Left < lifetime ? found.Left : lifetime);
        }

        return found.Reason is DeclineReason.None ? Judge(caller, request, isShared: true) : found.Reason;
    }

    /// <summary>TLS works for the caller.</summary>
    /// <param name="trial">The upgrade that shows it.</param>
    /// <param name="isCertain">False if the client has left in good order, which one that rejects the certificate may do too.</param>
    public void Succeed(FallbackTrial trial, bool isCertain = true)
    {
        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            var caller = GetOrAdd(trial.Key.ForAllHosts(), now);
            caller.EndTrial(trial);
            Succeed(caller, isCertain, now);
            Succeed(GetOrAdd(trial.Key, now), isCertain, now);
        }

        if (trial.SharedKey is { } key)
        {
            shared!.Forget(key);
        }
    }

    /// <summary>The outcome is unknown: the server has ended the upgrade.</summary>
    public void Abandon(FallbackTrial trial)
    {
        lock (_lock)
        {
            Find(trial.Key.ForAllHosts())?.EndTrial(trial);
        }
    }

    /// <summary>TLS has failed for the caller. Returns how long its offers are declined, or <see langword="null"/> if it says nothing about them.</summary>
    public TimeSpan? Fail(FallbackTrial trial, FallbackCause cause, out bool isFirst)
    {
        isFirst = false;
        TimeSpan declined;
        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            var caller = GetOrAdd(trial.Key.ForAllHosts(), now);
            caller.EndTrial(trial);

            // Anybody on the path can end a handshake before its Finished. Whoever has succeeded before gets another one.
            var there = Find(trial.Key);
            if (!cause.Counts || (cause.IsAfterFinished ? there is { IsCertain: true } : there is { HasSucceeded: true }))
            {
                return null;
            }

            // With another host TLS works for it.
            var entry = cause.IsOfHost || caller.HasSucceeded ? GetOrAdd(trial.Key, now) : caller;
            declined = cause.IsBrief ? BriefLifetime * Math.Pow(2, Math.Min(entry.Falls, 16)) : lifetime;
            declined = declined < lifetime ? declined : lifetime;
            isFirst = entry.Falls++ == 0;
            entry.Fall(now, declined);
        }

        if (trial.SharedKey is { } key)
        {
            shared!.Tell(key, declined);
        }

        return declined;
    }

    private DeclineReason Judge(EndPoint? caller, UpgradeRequest request, bool isShared)
    {
        var key = FallbackKey.Of(caller, request);
        if (!key.Address.IsAddress)
        {
            return DeclineReason.None;
        }

        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            var there = Find(key);
            var all = Find(key.ForAllHosts());
            if (IsFallen(all, now) || IsFallen(there, now))
            {
                return DeclineReason.FellBack;
            }

            if (there is { HasSucceeded: true } && timeProvider.GetElapsedTime(there.SucceededAt, now) < SuccessLifetime)
            {
                there.TouchedAt = now;
                request.Trial = there.IsCertain ? null : CreateTrial(key, caller, request);
                return DeclineReason.None;
            }

            if (all?.Trial is not null && timeProvider.GetElapsedTime(all.TriedAt, now) < FirstLimit)
            {
                return DeclineReason.FirstUnderWay;
            }

            if (!isShared)
            {
                return DeclineReason.NotKnown;
            }

            all = GetOrAdd(key.ForAllHosts(), now);
            (request.Trial, all.TriedAt) = (CreateTrial(key, caller, request), now);
            all.Trial = request.Trial;
            return DeclineReason.None;
        }
    }

    private FallbackTrial CreateTrial(FallbackKey key, EndPoint? caller, UpgradeRequest request) =>
        new(this, key, shared is null ? null : SharedFallback.GetKey(settings, caller, request));

    /// <summary>A connection that ends in good order says nothing against a failure on another one.</summary>
    private void Succeed(Entry entry, bool isCertain, long now)
    {
        if (isCertain || !IsFallen(entry, now))
        {
            entry.Succeed(isCertain, now);
        }
    }

    private void Fall(FallbackKey key, TimeSpan declined)
    {
        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            GetOrAdd(key, now).Fall(now, declined);
        }
    }

    private bool IsFallen(Entry? entry, long now) =>
        entry is { Declined: var declined } && declined > TimeSpan.Zero && timeProvider.GetElapsedTime(entry.FellAt, now) < declined;

    private Entry? Find(FallbackKey key) => _entries.GetValueOrDefault(key);

    private Entry GetOrAdd(FallbackKey key, long now)
    {
        if (Find(key) is { } known)
        {
            known.TouchedAt = now;
            return known;
        }

        if (!_byAddress.TryGetValue(key.Address, out var there))
        {
            _byAddress[key.Address] = there = [];
        }

        if (there.Count >= CapacityPerAddress)
        {
            Remove(FindLeast(there, now));
        }
        else if (_entries.Count >= Capacity)
        {
            Remove(FindLeast(_entries.Keys, now));
            _byAddress[key.Address] = there;
        }

        there.Add(key);
        return _entries[key] = new() { TouchedAt = now };
    }

    /// <summary>Finds what says least about the next offer: first what is over, then what was not used for the longest time.</summary>
    private FallbackKey FindLeast(IEnumerable<FallbackKey> keys, long now) => keys.MinBy(key =>
    {
        var entry = _entries[key];
        return (IsFallen(entry, now) ? 2 : entry.HasSucceeded ? 1 : 0, entry.TouchedAt);
    });

    private void Remove(FallbackKey key)
    {
        _entries.Remove(key);
        var there = _byAddress[key.Address];
        there.Remove(key);
        if (there.Count == 0)
        {
            _byAddress.Remove(key.Address);
        }
    }

    /// <summary>What is known of a caller, or of a caller and a host.</summary>
    private sealed class Entry
    {
        public long TouchedAt { get; set; }

        /// <summary>The upgrade that is under way and decides whether TLS works.</summary>
        public FallbackTrial? Trial { get; set; }

        public long TriedAt { get; set; }

        public long SucceededAt { get; private set; }

        public bool HasSucceeded { get; private set; }

        /// <summary>Whether a client has gone on over TLS.</summary>
        public bool IsCertain { get; private set; }

        /// <summary>How often TLS has failed in a row.</summary>
        public int Falls { get; set; }

        public long FellAt { get; private set; }

        /// <summary>How long offers are declined from then on.</summary>
        public TimeSpan Declined { get; private set; }

        public void Succeed(bool isCertain, long now) =>
            (HasSucceeded, IsCertain, SucceededAt, Falls, Declined) = (true, IsCertain || isCertain, now, 0, TimeSpan.Zero);

        public void Fall(long now, TimeSpan declined) => (FellAt, Declined, HasSucceeded, IsCertain) = (now, declined, false, false);

        public void EndTrial(FallbackTrial trial)
        {
            if (Trial == trial)
            {
                Trial = null;
            }
        }
    }
}
