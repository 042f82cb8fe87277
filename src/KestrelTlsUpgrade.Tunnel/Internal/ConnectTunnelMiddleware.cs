using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>
/// Routes a connection: to a tunnel if its first request is CONNECT, possibly after an <c>OPTIONS *</c>, and otherwise unchanged to
/// Kestrel's HTTP layer.
/// </summary>
/// <param name="next">The endpoint's HTTP layer.</param>
/// <param name="arrival">Examines the first request.</param>
/// <param name="server">Serves CONNECT.</param>
internal sealed class ConnectTunnelMiddleware(ConnectionDelegate next, TunnelArrival arrival, TunnelServer server) : IConnectionMiddleware
{
    public ConnectionDelegate Next => next;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var arrived = await arrival.ReceiveAsync(connection);
        if (arrived.Kind is FirstRequestKind.LeadingOptions)
        {
            if (!await ServeLeadingAsync(connection, arrived.HeadLength))
            {
                return;
            }

            arrived = await arrival.ReceiveAsync(connection);
        }

        switch (arrived.Kind)
        {
            case FirstRequestKind.Other or FirstRequestKind.LeadingOptions:
                await next(connection);
                break;

            case FirstRequestKind.Ended:
                break;

            default:
                await server.ServeAsync(connection, arrived);
                break;
        }
    }

    /// <summary>Lets Kestrel answer the first request. Returns whether a CONNECT follows; if not, the connection is done.</summary>
    private async Task<bool> ServeLeadingAsync(ConnectionContext connection, long headLength)
    {
        var transport = connection.Transport;
        var heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
        var releasable = heartbeat is null ? null : new ReleasableHeartbeat(heartbeat);
        var reader = new LeadingRequestReader(transport.Input, headLength, arrival.MaxHeadLength);
        connection.Transport = new TransportPipe(reader, transport.Output);
        connection.Features.Set<IConnectionHeartbeatFeature>(releasable);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            connection.Features.Set(heartbeat);
            if (reader.IsConnectNext)
            {
                releasable?.Release();
            }
        }

        return reader.IsConnectNext;
    }
}
