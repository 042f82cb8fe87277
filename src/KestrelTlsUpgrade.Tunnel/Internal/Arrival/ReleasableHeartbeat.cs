using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// The heartbeat feature that Kestrel's HTTP layer gets. It leaves timeouts behind that would keep running on the tunnel; releasing this
/// feature stops them.
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
