using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>Persistent state of a replayed request. Later requests on the connection do not see it.</summary>
internal sealed class ReplayState : IPersistentStateFeature
{
    private Dictionary<object, object?>? _state;

    public IDictionary<object, object?> State => _state ??= [];
}
