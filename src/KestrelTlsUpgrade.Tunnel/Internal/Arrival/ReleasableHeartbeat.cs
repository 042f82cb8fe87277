using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// The heartbeat that Kestrel's HTTP gets. It leaves timeouts behind that would go on running on the tunnel: they are let go of with it.
/// </summary>
internal sealed class ReleasableHeartbeat(IConnectionHeartbeatFeature inner) : IConnectionHeartbeatFeature
{
    private volatile bool _isReleased;

    public void OnHeartbeat(Action<object> action, object state) => inner.OnHeartbeat(_ =>
    {
        if (!_isReleased)
        {
            action(state);
        }
    }, state);

    public void Release() => _isReleased = true;
}
