using System.Collections.Concurrent;

namespace KestrelTlsUpgrade.Client.Internal.Sending;

/// <summary>
/// Remembers origins for a limited time: those that refused the upgrade (Preferred) or those that require TLS (OnDemand).
/// </summary>
internal sealed class OriginMemory
{
    /// <summary>More origins than a client normally uses. A server that redirects to endless hosts must not exhaust memory.</summary>
    private const int MaxOrigins = 4096;

    private readonly ConcurrentDictionary<Origin, long> _origins = new();

    public void Remember(Origin origin, TimeProvider timeProvider)
    {
        if (!_origins.ContainsKey(origin) && _origins.Count >= MaxOrigins)
        {
            _origins.TryRemove(_origins.MinBy(static known => known.Value));
        }

        _origins[origin] = timeProvider.GetTimestamp();
    }

    public void Forget(Origin origin) => _origins.TryRemove(origin, out _);

    public bool Knows(Origin origin, TimeProvider timeProvider, TimeSpan lifetime)
    {
        if (!_origins.TryGetValue(origin, out var since))
        {
            return false;
        }

        if (lifetime == Timeout.InfiniteTimeSpan || timeProvider.GetElapsedTime(since) < lifetime)
        {
            return true;
        }

        _origins.TryRemove(KeyValuePair.Create(origin, since));
        return false;
    }
}
