using System.Net;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal;

/// <summary>
/// Gives a connection from a trusted proxy the addresses of its header, and closes every other connection. All later middleware, and
/// Kestrel's HTTP, takes the client's address from the connection's endpoints.
/// </summary>
internal sealed partial class ProxyProtocolConnectionMiddleware(
    ConnectionDelegate next,
    TrustedSources sources,
    ProxyHeaderArrival arrival,
    CallerLogLimiter limiter,
    ILogger logger)
{
    public const string ErrorTypeTag = "error.type";
    public const string SourceNotTrustedTag = "proxy_protocol_source_not_trusted";
    public const string HeaderInvalidTag = "proxy_protocol_header_invalid";

    public Task OnConnectionAsync(ConnectionContext connection)
    {
        if (sources.Contains(connection.RemoteEndPoint))
        {
            return OnTrustedConnectionAsync(connection);
        }

        // Returning closes the connection.
        Log.SourceNotTrusted(logger, connection.ConnectionId, connection.RemoteEndPoint);
        Tag(connection, SourceNotTrustedTag);
        return Task.CompletedTask;
    }

    private async Task OnTrustedConnectionAsync(ConnectionContext connection)
    {
        var header = await arrival.ReceiveAsync(connection);
        switch (header.Kind)
        {
            case ProxyHeaderKind.Proxied:
                await ServeProxiedAsync(connection, header);
                break;

            case ProxyHeaderKind.OwnAddresses:
                Log.OwnAddresses(logger, connection.ConnectionId, connection.RemoteEndPoint);
                await next(connection);
                break;

            case ProxyHeaderKind.Invalid:
                if (limiter.Admits(logger, LogLevel.Warning, connection.RemoteEndPoint))
                {
                    Log.HeaderInvalid(logger, connection.ConnectionId, connection.RemoteEndPoint, header.Fault!);
                }

                Tag(connection, HeaderInvalidTag);
                break;

            default:
                Log.NoHeader(logger, connection.ConnectionId, connection.RemoteEndPoint);
                break;
        }
    }

    private async Task ServeProxiedAsync(ConnectionContext connection, ProxyHeader header)
    {
        var (remote, local) = (connection.RemoteEndPoint, connection.LocalEndPoint);
        Log.Proxied(logger, connection.ConnectionId, header.Source!, header.Destination!, remote);
        (connection.RemoteEndPoint, connection.LocalEndPoint) = (header.Source, header.Destination);
        try
        {
            await next(connection);
        }
        finally
        {
            // Kestrel must decrement the counters of the endpoints that it incremented.
            (connection.RemoteEndPoint, connection.LocalEndPoint) = (remote, local);
        }
    }

    /// <summary>Tags Kestrel's duration of the connection with the reason why it ended.</summary>
    private static void Tag(ConnectionContext connection, string error) =>
        connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags.Add(new(ErrorTypeTag, error));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} from {Proxy} is that of {Source} to {Destination}.", EventName = "Proxied")]
        public static partial void Proxied(ILogger logger, string connectionId, IPEndPoint source, IPEndPoint destination, EndPoint? proxy);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId} from {Proxy} keeps its own addresses: its header of the PROXY protocol has none to give it.", EventName = "OwnAddresses")]
        public static partial void OwnAddresses(ILogger logger, string connectionId, EndPoint? proxy);

        [LoggerMessage(3, LogLevel.Debug, "Connection {ConnectionId} from {Source} was closed unread: the address is none of KnownProxies and in none of KnownIPNetworks.", EventName = "SourceNotTrusted")]
        public static partial void SourceNotTrusted(ILogger logger, string connectionId, EndPoint? source);

        [LoggerMessage(4, LogLevel.Warning, "Connection {ConnectionId} from the trusted proxy {Proxy} was closed: it has no valid header of the PROXY protocol, for {Fault}. Let the proxy send one on each connection, health checks included.", EventName = "HeaderInvalid")]
        public static partial void HeaderInvalid(ILogger logger, string connectionId, EndPoint? proxy, string fault);

        [LoggerMessage(5, LogLevel.Debug, "Connection {ConnectionId} from the trusted proxy {Proxy} ended before a header of the PROXY protocol.", EventName = "NoHeader")]
        public static partial void NoHeader(ILogger logger, string connectionId, EndPoint? proxy);
    }
}
