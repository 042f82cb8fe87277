using System.Collections.Concurrent;

namespace KestrelTlsUpgrade.Internal.Report.Collecting;

/// <summary>
/// The callers with the most requests, in so many places and no more (Metwally et al., Space-Saving): a new one takes the place of the
/// one with the fewest, and what that had may have been its own. Whoever makes more than one in <see cref="Capacity"/> of all requests
/// is in there, whatever others send to get it out.
/// </summary>
internal sealed class CallerTable
{
    public const int Capacity = 256;

    private readonly ConcurrentDictionary<CallerKey, Caller> _callers = new(concurrencyLevel: 1, Capacity, new CallerKeyComparer());
    private readonly ConcurrentDictionary<CallerKey, Caller>.AlternateLookup<CallerKeyComparer.Words> _byWords;
    private readonly Lock _lock = new();
    private long _displaced;

    public CallerTable() => _byWords = _callers.GetAlternateLookup<CallerKeyComparer.Words>();

    /// <summary>How often a caller has lost its place.</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    public ICollection<Caller> All => _callers.Values;

    public Caller? Find(ReadOnlySpan<char> product, NetworkPrefix network) =>
        _byWords.TryGetValue(new(product, network), out var caller) ? caller : null;

    public Caller GetOrAdd(ReadOnlySpan<char> product, NetworkPrefix network) =>
        Find(product, network) ?? Add(new(product.ToString(), network));

    private Caller Add(CallerKey key)
    {
        lock (_lock)
        {
            if (_callers.TryGetValue(key, out var known))
            {
                return known;
            }

            var missed = 0L;
            if (_callers.Count >= Capacity)
            {
                var least = FindLeast();
                missed = least.Weight;
                _callers.TryRemove(least.Key, out _);
                Interlocked.Increment(ref _displaced);
            }

            return _callers[key] = new(key, missed);
        }
    }

    private Caller FindLeast()
    {
        Caller? least = null;
        var weight = long.MaxValue;
        foreach (var (_, caller) in _callers)
        {
            if (caller.Weight < weight)
            {
                (least, weight) = (caller, caller.Weight);
            }
        }

        return least!;
    }
}
