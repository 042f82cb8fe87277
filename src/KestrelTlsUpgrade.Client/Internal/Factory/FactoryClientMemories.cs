using System.Collections.Concurrent;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace KestrelTlsUpgrade.Client.Internal.Factory;

/// <summary>What each client of a factory remembers of servers. It outlives the client's handlers, which the factory replaces regularly.</summary>
internal sealed class FactoryClientMemories
{
    private readonly ConcurrentDictionary<string, ServerMemory> _all = new(StringComparer.Ordinal);

    public ServerMemory Of(string clientName) => _all.GetOrAdd(clientName, static _ => new ServerMemory());
}
