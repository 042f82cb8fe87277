using KestrelTlsUpgrade.Connections;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>The entries of the memory, so many and no more. Those that say least about the next offer give way. Not thread-safe.</summary>
internal sealed class FallbackTable(TimeProvider timeProvider)
{
    /// <summary>The number of callers and hosts that are remembered.</summary>
    public const int Capacity = 4096;

    /// <summary>The number for one address, so that nobody fills the table from one place.</summary>
    public const int CapacityPerAddress = 32;

    private readonly Dictionary<FallbackKey, FallbackEntry> _entries = [];
    private readonly Dictionary<CallerKey, List<FallbackKey>> _byAddress = [];

    public int Count => _entries.Count;

    public FallbackEntry? Find(FallbackKey key) => _entries.GetValueOrDefault(key);

    public FallbackEntry GetOrAdd(FallbackKey key, long now)
    {
        if (Find(key) is { } known)
        {
            known.TouchedAt = now;
            return known;
        }

        if (_byAddress.TryGetValue(key.Address, out var there) && there.Count >= CapacityPerAddress)
        {
            Remove(FindLeast(there, now));
        }
        else if (_entries.Count >= Capacity)
        {
            Remove(FindLeast(_entries.Keys, now));
        }

        if (!_byAddress.TryGetValue(key.Address, out there))
        {
            _byAddress[key.Address] = there = [];
        }

        there.Add(key);
        return _entries[key] = new() { TouchedAt = now };
    }

    /// <summary>Whether offers are declined.</summary>
    public bool IsFallen(FallbackEntry? entry, long now) =>
        entry is { Declined: var declined } && declined > TimeSpan.Zero && timeProvider.GetElapsedTime(entry.FellAt, now) < declined;

    /// <summary>First what is over, then what was not used for the longest time.</summary>
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
}
