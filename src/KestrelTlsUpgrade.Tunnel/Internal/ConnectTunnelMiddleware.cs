using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>The way of a connection: to a tunnel if its first request is CONNECT, and as it came to Kestrel's HTTP otherwise.</summary>
/// <param name="next">The endpoint's HTTP.</param>
/// <param name="arrival">Looks at the first request.</param>
/// <param name="server">Serves CONNECT.</param>
internal sealed class ConnectTunnelMiddleware(ConnectionDelegate next, TunnelArrival arrival, TunnelServer server)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var arrived = await arrival.ReceiveAsync(connection);
        switch (arrived.Kind)
        {
            case FirstRequestKind.Other:
                await next(connection);
                break;

            case FirstRequestKind.Ended:
                break;

            default:
                await server.ServeAsync(connection, arrived);
                break;
        }
    }
}
