using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Logs why a TLS client was refused and what to do about it.</summary>
internal sealed partial class RefusalLog(ILogger logger, CallerLogLimiter limiter)
{
    public void Write(ConnectionContext connection, FailureCause cause, UpgradeRequest? upgrade, ClientHello? hello)
    {
        if (!limiter.Admits(logger, LevelOf(cause, upgrade), connection.RemoteEndPoint))
        {
            return;
        }

        var id = connection.ConnectionId;
        var address = LoggedAddress.Of(connection);
        switch (cause)
        {
            case FailureCause.Http2Offered:
                Log.UnawareClientRefused(logger, id, address);
                break;
            case FailureCause.BrowserHello:
                Log.BrowserRefused(logger, id, address);
                break;
            case FailureCause.UnmarkedClient:
                Log.UnmarkedClientRefused(logger, id, address, TlsUpgradeProtocol.AlpnProtocolId);
                break;
            case FailureCause.MarkMismatch:
                Log.MarkRefused(logger, id, address);
                break;
            case FailureCause.ServerNameMismatch:
                Log.ServerNameRefused(logger, id, address, LoggedName.Of(hello!.ServerName!), LoggedName.Of(upgrade!.Host));
                break;
            case FailureCause.ServerNameMissing:
                Log.NamelessClientRefused(logger, id, address, LoggedName.Of(upgrade!.Host));
                break;
            case FailureCause.TlsDisagrees:
                Log.TlsDisagrees(logger, id, address);
                break;
            case FailureCause.UnreadableHello when upgrade is not null:
                Log.UnreadableHelloRefused(logger, id, address);
                break;
            case FailureCause.UnreadableHello:
                Log.DirectUnreadableHelloRefused(logger, id, address);
                break;
            case FailureCause.MarkWithoutUpgrade:
                Log.DirectMarkRefused(logger, id, address, TlsUpgradeProtocol.AlpnProtocolId);
                break;
            case FailureCause.DirectHttp1:
                Log.DirectHttp1Refused(logger, id, address);
                break;
        }
    }

    /// <summary>
    /// What does not speak TLS after all is common on any port. A client that does, or one refused after a 101, deserves the operator's
    /// attention.
    /// </summary>
    private static LogLevel LevelOf(FailureCause cause, UpgradeRequest? upgrade) => cause switch
    {
        FailureCause.TlsDisagrees => LogLevel.Warning,
        FailureCause.MarkWithoutUpgrade or FailureCause.DirectHttp1 => LogLevel.Information,
        _ => upgrade is null ? LogLevel.Debug : LogLevel.Information,
    };

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded, but its TLS client offers h2, so it does not know about the upgrade. It was closed without application data.", EventName = "UnawareClientRefused")]
        public static partial void UnawareClientRefused(ILogger logger, string connectionId, string address);

        [LoggerMessage(3, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded, but its TLS client does not offer {AlpnProtocolId}, which AcceptedClients = AwareOnly requires. It was closed without application data.", EventName = "UnmarkedClientRefused")]
        public static partial void UnmarkedClientRefused(ILogger logger, string connectionId, string address, string alpnProtocolId);

        [LoggerMessage(4, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded, but its TLS client requested server name {ServerName}, and the plaintext request host {Host}. It was closed without application data.", EventName = "ServerNameRefused")]
        public static partial void ServerNameRefused(ILogger logger, string connectionId, string address, string serverName, string host);

        [LoggerMessage(5, LogLevel.Information, "Connection {ConnectionId}{Address} began with TLS, but did not negotiate HTTP/2, which is all that DirectTls = Http2Only serves. It was answered with 505. Give such clients, for example ipps:// queues of CUPS, a port with UseHttps and a name of its own, or set AcceptedClients = AwareOnly on every instance and then DirectTls = Any. A CUPS queue can upgrade instead: ipp:// with ?encryption=required.", EventName = "DirectHttp1Refused")]
        public static partial void DirectHttp1Refused(ILogger logger, string connectionId, string address);

        [LoggerMessage(6, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded, but the mark of its TLS client does not match the plaintext request: the request was changed in transit, or the client computes its mark differently. It was closed without application data.", EventName = "MarkRefused")]
        public static partial void MarkRefused(ILogger logger, string connectionId, string address);

        [LoggerMessage(7, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded, but its TLS client sends GREASE or Encrypted Client Hello as browsers do, so it does not know about the upgrade. It was closed without application data.", EventName = "BrowserRefused")]
        public static partial void BrowserRefused(ILogger logger, string connectionId, string address);

        [LoggerMessage(8, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded for {Host}, but its TLS client sends no server name (SNI), and the certificate is not for that host alone. It was closed without application data. Have the client send the name, or use a certificate for one host.", EventName = "NamelessClientRefused")]
        public static partial void NamelessClientRefused(ILogger logger, string connectionId, string address, string host);

        [LoggerMessage(9, LogLevel.Information, "Connection {ConnectionId}{Address} was upgraded, but no complete, well-formed ClientHello followed. It was closed without application data.", EventName = "UnreadableHelloRefused")]
        public static partial void UnreadableHelloRefused(ILogger logger, string connectionId, string address);

        [LoggerMessage(10, LogLevel.Debug, "Connection {ConnectionId}{Address} began with TLS, but not with a complete, well-formed ClientHello.", EventName = "DirectUnreadableHelloRefused")]
        public static partial void DirectUnreadableHelloRefused(ILogger logger, string connectionId, string address);

        [LoggerMessage(11, LogLevel.Information, "Connection {ConnectionId}{Address} began with TLS, but its client offers {AlpnProtocolId}, which is only for upgraded connections. It was closed without application data. Remove that protocol from the client's https settings.", EventName = "DirectMarkRefused")]
        public static partial void DirectMarkRefused(ILogger logger, string connectionId, string address, string alpnProtocolId);

        [LoggerMessage(12, LogLevel.Warning, "Connection {ConnectionId}{Address} was closed without application data: TLS reports a different server name or protocol than its ClientHello.", EventName = "TlsDisagrees")]
        public static partial void TlsDisagrees(ILogger logger, string connectionId, string address);
    }
}
