using System.Collections.Concurrent;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>Counts the upgraded connections that are open, by origin.</summary>
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<Origin, int> _counts = new();

    public bool Any(Origin origin) => _counts.ContainsKey(origin);

    public Lease Begin(Origin origin)
    {
        _counts.AddOrUpdate(origin, 1, static (_, count) => count + 1);
        return new Lease(this, origin);
    }

    private void End(Origin origin)
    {
        while (_counts.TryGetValue(origin, out var count))
        {
            if (count > 1 ? _counts.TryUpdate(origin, count - 1, count) : _counts.TryRemove(KeyValuePair.Create(origin, count)))
            {
                return;
            }
        }
    }

    /// <summary>One open connection.</summary>
    internal readonly struct Lease(OpenConnections connections, Origin origin)
    {
        public void End() => connections.End(origin);
    }
}
