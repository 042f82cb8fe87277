using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tests.Support;

internal sealed class FakeHeartbeat : IConnectionHeartbeatFeature
{
    private readonly List<(Action<object> Action, object State)> _registrations = [];

    public int Count => _registrations.Count;

    public void OnHeartbeat(Action<object> action, object state) => _registrations.Add((action, state));

    public void Beat()
    {
        foreach (var (action, state) in _registrations)
        {
            action(state);
        }
    }
}
