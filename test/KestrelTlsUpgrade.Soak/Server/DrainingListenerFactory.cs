using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>Kestrel's sockets, which can be told to accept no more before the connections are closed.</summary>
internal sealed class DrainingListenerFactory(SocketTransportFactory sockets, ServerActivity activity)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ConcurrentBag<DrainingListener> _listeners = [];

    public bool CanBind(EndPoint endpoint) => sockets.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new DrainingListener(await sockets.BindAsync(endpoint, cancellationToken), activity);
        _listeners.Add(listener);
        return listener;
    }

    public async Task UnbindAsync(CancellationToken cancellationToken)
    {
        foreach (var listener in _listeners)
        {
            await listener.UnbindAsync(cancellationToken);
        }
    }
}
