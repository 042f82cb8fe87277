using System.Collections.Concurrent;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>Remembers origins for a limited time.</summary>
internal sealed class OriginMemory
{
    /// <summary>More origins than a client normally uses. A server that redirects to endless hosts must not exhaust memory.</summary>
    private const int MaxOrigins = 4096;

    private readonly ConcurrentDictionary<Origin, Entry> _origins = new();

    /// <summary>Remembers an origin.</summary>
    /// <param name="origin">The origin.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="limit">How long at most; <see langword="null"/> leaves it to the one who asks.</param>
    public void Remember(Origin origin, TimeProvider timeProvider, TimeSpan? limit = null)
    {
        if (limit == TimeSpan.Zero)
        {
            return;
        }

        if (!_origins.ContainsKey(origin) && _origins.Count >= MaxOrigins)
        {
            _origins.TryRemove(_origins.MinBy(static known => known.Value.Since));
        }

        _origins[origin] = new Entry(timeProvider.GetTimestamp(), limit ?? Timeout.InfiniteTimeSpan);
    }

    public void Forget(Origin origin) => _origins.TryRemove(origin, out _);

    public bool Knows(Origin origin, TimeProvider timeProvider, TimeSpan lifetime)
    {
        if (!_origins.TryGetValue(origin, out var entry))
        {
            return false;
        }

        var age = timeProvider.GetElapsedTime(entry.Since);
        if (IsWithin(age, lifetime) && IsWithin(age, entry.Limit))
        {
            return true;
        }

        _origins.TryRemove(KeyValuePair.Create(origin, entry));
        return false;
    }

    private static bool IsWithin(TimeSpan age, TimeSpan lifetime) => lifetime == Timeout.InfiniteTimeSpan || age < lifetime;

    private readonly record struct Entry(long Since, TimeSpan Limit);
}
