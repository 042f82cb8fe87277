using System.Net;
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
    /// <summary>How long other offers of a caller wait for the outcome of its first.</summary>
    public static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(2);

    /// <summary>How long offers are declined after a failure that one bad moment can cause. Doubled each time that it recurs.</summary>
    public static readonly TimeSpan BriefLifetime = TimeSpan.FromMinutes(5);

    /// <summary>How long a success is remembered. After that, the next offer shows whether it still holds.</summary>
    private static readonly TimeSpan SuccessLifetime = TimeSpan.FromDays(1);

    private readonly FallbackTable _table = new(timeProvider);
    private readonly Lock _lock = new();

    /// <summary>The number of entries.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _table.Count;
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
            var caller = _table.GetOrAdd(trial.Key.ForAllHosts(), now);
            caller.EndTrial(trial);
            Succeed(caller, isCertain, now);
            Succeed(_table.GetOrAdd(trial.Key, now), isCertain, now);
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
            _table.Find(trial.Key.ForAllHosts())?.EndTrial(trial);
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
            var caller = _table.GetOrAdd(trial.Key.ForAllHosts(), now);
            caller.EndTrial(trial);

            // An attacker on the path can end a handshake before its Finished. That does not count against a caller that has succeeded.
            var there = _table.Find(trial.Key);
            if (!cause.Counts || (cause.IsAfterFinished ? there is { IsCertain: true } : there is { HasSucceeded: true }))
            {
                return null;
            }

            // With another host TLS works for it.
            var entry = cause.IsOfHost || caller.HasSucceeded ? _table.GetOrAdd(trial.Key, now) : caller;
            declined = cause.IsBrief ? BriefLifetime * Math.Pow(2, Math.Min(entry.Falls, 16)) : lifetime;
            declined = declined < lifetime ? declined : lifetime;
            isFirst = entry.Falls == 0;
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
            var there = _table.Find(key);
            var all = _table.Find(key.ForAllHosts());
            if (_table.IsFallen(all, now) || _table.IsFallen(there, now))
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

            all = _table.GetOrAdd(key.ForAllHosts(), now);
            request.Trial = CreateTrial(key, caller, request);
            all.Try(request.Trial, now);
            return DeclineReason.None;
        }
    }

    private FallbackTrial CreateTrial(FallbackKey key, EndPoint? caller, UpgradeRequest request) =>
        new(this, key, shared is null ? null : SharedFallback.GetKey(settings, caller, request));

    /// <summary>A connection that ends in good order says nothing against a failure on another one.</summary>
    private void Succeed(FallbackEntry entry, bool isCertain, long now)
    {
        if (isCertain || !_table.IsFallen(entry, now))
        {
            entry.Succeed(isCertain, now);
        }
    }

    private void Fall(FallbackKey key, TimeSpan declined)
    {
        lock (_lock)
        {
            var now = timeProvider.GetTimestamp();
            _table.GetOrAdd(key, now).Fall(now, declined);
        }
    }
}
