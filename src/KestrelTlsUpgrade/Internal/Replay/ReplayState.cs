using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>What a replayed request leaves for later ones on its connection, which do not get to see it.</summary>
internal sealed class ReplayState : IPersistentStateFeature
{
    private Dictionary<object, object?>? _state;

    public IDictionary<object, object?> State => _state ??= [];
}
