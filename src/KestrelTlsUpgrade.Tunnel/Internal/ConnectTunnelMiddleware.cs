using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Target;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>
/// Routes a connection: to a tunnel if it begins with CONNECT, possibly after <c>OPTIONS *</c> or a challenge, and otherwise to Kestrel's
/// HTTP. HTTP never sees a CONNECT, and nothing that follows one.
/// </summary>
/// <param name="next">The endpoint's HTTP layer.</param>
/// <param name="arrival">Examines requests as they arrive.</param>
/// <param name="server">Serves CONNECT, and refuses what nobody serves.</param>
internal sealed class ConnectTunnelMiddleware(ConnectionDelegate next, TunnelArrival arrival, TunnelServer server) : IConnectionMiddleware
{
    /// <summary>How often a caller is challenged on one connection. Schemes with several steps need about three.</summary>
    private const int MaxChallenges = 8;

    public ConnectionDelegate Next => next;

    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var arrived = await arrival.ReceiveAsync(connection);
        var isLate = false;
        if (arrived.IsForHttp)
        {
            var input = await ServeHttpAsync(connection, arrived);
            if (input is not { IsFollowed: true })
            {
                return;
            }

            isLate = !input.HasOptionsOnly;
            arrived = await arrival.ReceiveAsync(connection);
        }

        ConnectTarget? challenged = null;
        for (var challenges = 1; arrived.Kind is not (ArrivedRequestKind.Ended or ArrivedRequestKind.Left); challenges++)
        {
            if (!await server.ServeAsync(connection, isLate ? arrived.AsLate() : arrived, new(challenged, challenges < MaxChallenges)))
            {
                return;
            }

            challenged = arrived.Request!.Target;
            arrived = await arrival.ReceiveAsync(connection);
        }
    }

    /// <summary>Lets Kestrel's HTTP serve requests until one comes that is not for it.</summary>
    private async Task<HttpInput?> ServeHttpAsync(ConnectionContext connection, ArrivedRequest arrived)
    {
        var isHttp2 = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true;
        if (isHttp2 || arrived.Kind is ArrivedRequestKind.BrokenOff)
        {
            await next(connection);
            return null;
        }

        var transport = connection.Transport;
        var heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
        var count = connection.Features.Get<IDecrementConcurrentConnectionCountFeature>();
        var releasable = heartbeat is null ? null : new ReleasableHeartbeat(heartbeat);
        var input = new HttpInput(
            transport.Input, arrival.MaxLineLength, arrival.Hosts, connection.LocalEndPoint, arrived.Kind is ArrivedRequestKind.Unclear, count);
        connection.Transport = new TransportPipe(input, transport.Output);
        connection.Features.Set<IConnectionHeartbeatFeature>(releasable);
        connection.Features.Set<IDecrementConcurrentConnectionCountFeature>(input);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
            connection.Features.Set(heartbeat);
            connection.Features.Set(count);
            if (input.IsFollowed)
            {
                releasable?.Release();
            }
        }

        return input;
    }
}
