using System.Collections.Concurrent;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>
/// The callers with the most requests, in so many places and no more (Metwally et al., Space-Saving): a new one takes the place of the
/// one with the fewest, and what that had may have been its own. A caller that makes more than one in <see cref="Capacity"/> of all
/// requests is always in the table, whatever others send to displace it.
/// </summary>
internal sealed class CallerTable
{
    public const int Capacity = 256;

    private readonly ConcurrentDictionary<CallerKey, Caller> _callers = new(concurrencyLevel: 1, Capacity, new KeyComparer());
    private readonly ConcurrentDictionary<CallerKey, Caller>.AlternateLookup<KeyWords> _byWords;
    private readonly Lock _lock = new();

    /// <summary>The callers that had the fewest requests, all the same number, at the last search.</summary>
    private readonly Stack<Caller> _least = new(Capacity);

    private long _leastWeight;
    private int _count;
    private long _displaced;

    public CallerTable() => _byWords = _callers.GetAlternateLookup<KeyWords>();

    /// <summary>How often a caller has lost its place.</summary>
    public long Displaced => Interlocked.Read(ref _displaced);

    /// <summary>How often the whole table was searched to make room.</summary>
    public long Searches { get; private set; }

    public ICollection<Caller> All => _callers.Values;

    public Caller? Find(ReadOnlySpan<char> product, NetworkPrefix network, bool isExpected = false) =>
        _byWords.TryGetValue(new(product, network, isExpected), out var caller) ? caller : null;

    public Caller GetOrAdd(ReadOnlySpan<char> product, NetworkPrefix network, bool isExpected = false) =>
        Find(product, network, isExpected) ?? Add(new(product.ToString(), network, isExpected));

    /// <summary>Adds a caller of an earlier run of the application.</summary>
    public Caller Restore(CallerKey key, long missed)
    {
        lock (_lock)
        {
            if (_callers.TryGetValue(key, out var known))
            {
                return known;
            }

            _count++;
            return _callers[key] = new(key, Math.Max(0, missed));
        }
    }

    public void RestoreDisplaced(long displaced) => Interlocked.Exchange(ref _displaced, Math.Max(0, displaced));

    private Caller Add(CallerKey key)
    {
        lock (_lock)
        {
            if (_callers.TryGetValue(key, out var known))
            {
                return known;
            }

            var missed = 0L;
            if (_count < Capacity)
            {
                _count++;
            }
            else
            {
                var least = TakeLeast();
                missed = least.Weight;
                _callers.TryRemove(least.Key, out _);
                Interlocked.Increment(ref _displaced);
            }

            return _callers[key] = new(key, missed);
        }
    }

    /// <summary>
    /// One search of the whole table collects all callers with the fewest requests, so that a client with a new name for each request does
    /// not cause a search each time. Counts hardly ever shrink, so a caller still at the minimum is as good as minimal.
    /// </summary>
    private Caller TakeLeast()
    {
        while (_least.TryPop(out var caller))
        {
            if (caller.Weight <= _leastWeight)
            {
                return caller;
            }
        }

        FindLeast();
        return _least.Pop();
    }

    private void FindLeast()
    {
        Searches++;
        _leastWeight = long.MaxValue;
        foreach (var (_, caller) in _callers)
        {
            var weight = caller.Weight;
            if (weight > _leastWeight)
            {
                continue;
            }

            if (weight < _leastWeight)
            {
                _leastWeight = weight;
                _least.Clear();
            }

            _least.Push(caller);
        }
    }

    /// <summary>Looks up a caller by a span of the request, so that a known caller costs no allocation.</summary>
    private sealed class KeyComparer : IEqualityComparer<CallerKey>, IAlternateEqualityComparer<KeyWords, CallerKey>
    {
        public bool Equals(CallerKey x, CallerKey y) => x == y;

        public int GetHashCode(CallerKey obj) => GetHashCode(new KeyWords(obj.Product, obj.Network, obj.IsExpected));

        public bool Equals(KeyWords alternate, CallerKey other) =>
            alternate.Network == other.Network
            && alternate.IsExpected == other.IsExpected
            && alternate.Product.SequenceEqual(other.Product);

        public int GetHashCode(KeyWords alternate) => HashCode.Combine(string.GetHashCode(alternate.Product), alternate.Network);

        public CallerKey Create(KeyWords alternate) => new(alternate.Product.ToString(), alternate.Network, alternate.IsExpected);
    }

    /// <summary>A key whose product is still part of a field.</summary>
    private readonly ref struct KeyWords(ReadOnlySpan<char> product, NetworkPrefix network, bool isExpected)
    {
        public ReadOnlySpan<char> Product { get; } = product;

        public NetworkPrefix Network { get; } = network;

        public bool IsExpected { get; } = isExpected;
    }
}
