using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using KestrelTlsUpgrade.Tunnel.Internal.Relaying;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tunnel.Internal.Answering;

/// <summary>Sends refusals. The connection ends behind all but challenges that keep it.</summary>
internal sealed partial class Refusals(ConnectTunnelOptions options, TunnelServices services)
{
    public async Task SendAsync(ConnectionContext connection, Rejection rejection)
    {
        try
        {
            await connection.Transport.Output.WriteAsync(rejection.Write(services.TimeProvider.GetUtcNow()));
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            return;
        }

        if (!rejection.IsPersistent)
        {
            await LastBytes.DeliverAsync(connection, isEndAwaited: rejection.IsSilent, options.LingerTimeout, services.TimeProvider);
        }
    }

    /// <summary>A client that takes the server for a proxy must not get the application's own content under another name.</summary>
    public Task SendAsync(ConnectionContext connection, MisdirectedRequest request)
    {
        if (services.LogLimiter.Admits(services.Logger, LogLevel.Information, connection.RemoteEndPoint))
        {
            Log.Misdirected(services.Logger, request.Authority, connection.RemoteEndPoint, connection.ConnectionId);
        }

        return SendAsync(connection, Rejection.Misdirected(request.IsHead));
    }

    private static partial class Log
    {
        [LoggerMessage(5, LogLevel.Information, "A request for {Authority} from {Caller} was refused with status 421, connection {ConnectionId}: its client takes this server for a proxy that forwards requests. If that is a name of this application, add it to ServedHosts.", EventName = "Misdirected")]
        public static partial void Misdirected(ILogger logger, string authority, EndPoint? caller, string connectionId);
    }
}
