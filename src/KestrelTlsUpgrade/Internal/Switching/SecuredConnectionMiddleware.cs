using System.Net.Security;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Switching.Handshakes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>
/// Stands between Kestrel's TLS and the endpoint's HTTP: decides whether this client may go on, replays the request that asked
/// for the upgrade, and ends TLS as RFC 2818 section 2.2 asks.
/// </summary>
internal sealed partial class SecuredConnectionMiddleware(
    ConnectionDelegate next,
    TlsUpgradeOptions options,
    ServerNameTable<TlsTerms> termsByName,
    Http1Refusal refusal,
    TlsUpgradeObservers observers,
    TimeProvider timeProvider,
    ILogger<SecuredConnectionMiddleware> logger)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var stream = connection.Features.GetRequiredFeature<ISslStreamFeature>().SslStream;
        var upgrade = connection.Features.Get<UpgradeRequest>();
        var handshake = TlsHandshake.Complete(connection);
        var duration = timeProvider.GetElapsedTime(handshake.StartedAt);
        var cause = FindCause(connection.ConnectionId, stream, upgrade);
        var outcome = cause is not FailureCause.None ? ConnectionOutcome.Refused
            : upgrade is null ? ConnectionOutcome.DirectTls
            : ConnectionOutcome.Upgraded;
        observers.ConnectionSettled(new(connection, outcome, handshake.Start, cause, stream.SslProtocol, duration));
        if (!termsByName.IsEmpty)
        {
            var terms = upgrade is null ? termsByName.Find(stream.TargetHostName) : termsByName.FindByHost(upgrade.Host);
            connection.Features.Set(new AgreedTerms(termsByName, terms));
        }

        if (upgrade is not null)
        {
            if (cause is FailureCause.None)
            {
                await ServeUpgradedAsync(connection, upgrade, stream);
            }
        }
        else if (cause is FailureCause.DirectHttp1)
        {
            await refusal.AnswerAsync(connection, stream);
            return;
        }
        else
        {
            connection.Features.Set<ITlsUpgradeFeature>(TlsUpgradeFeature.DirectTls);
            await next(connection);
        }

        await CloseNotify.SendAsync(stream, connection.ConnectionClosed);
    }

    /// <summary>Why this client may not go on, if so.</summary>
    private FailureCause FindCause(string connectionId, SslStream stream, UpgradeRequest? upgrade)
    {
        var protocol = stream.NegotiatedApplicationProtocol;
        if (upgrade is null)
        {
            if (options.DirectTls is DirectTlsMode.Any || protocol == SslApplicationProtocol.Http2)
            {
                return FailureCause.None;
            }

            Log.DirectHttp1Refused(logger, connectionId);
            return FailureCause.DirectHttp1;
        }

        if (protocol == SslApplicationProtocol.Http2)
        {
            Log.UnawareClientRefused(logger, connectionId);
            return FailureCause.Http2Offered;
        }

        if (options.AcceptedClients is UpgradeClients.AwareOnly && protocol != ApplicationProtocols.Aware)
        {
            Log.UnmarkedClientRefused(logger, connectionId, TlsUpgradeProtocol.AlpnProtocolId);
            return FailureCause.UnmarkedClient;
        }

        if (!ServerName.Agrees(stream.TargetHostName, upgrade.Host))
        {
            if (logger.IsEnabled(LogLevel.Information))
            {
                Log.ServerNameRefused(logger, connectionId, LoggedName.Of(stream.TargetHostName), LoggedName.Of(upgrade.Host));
            }

            return FailureCause.ServerNameMismatch;
        }

        return FailureCause.None;
    }

    private async Task ServeUpgradedAsync(ConnectionContext connection, UpgradeRequest upgrade, SslStream stream)
    {
        var features = connection.Features;
        var token = UpgradeTokenText.Format(upgrade.Token);
        var isAware = stream.NegotiatedApplicationProtocol == ApplicationProtocols.Aware;
        Log.Upgraded(logger, connection.ConnectionId, token, stream.SslProtocol, upgrade.IsFirst, isAware);

        var secured = connection.Transport;
        var replay = new ReplayPipeReader(upgrade.TakeHead(), FirstTlsRead.Create(secured.Input, connection));
        features.Set<UpgradeRequest>(null);
        ReplayPhase.Begin(
            connection,
            new TlsUpgradeFeature(TlsUpgradeState.Upgraded, token, isReplayed: true, isAware),
            showsIdentity: options.TrustClientCertificateOnReplay);
        var lifetime = features.Get<IConnectionLifetimeNotificationFeature>();
        using var shutdown = lifetime is null ? null : new DeferredShutdown(lifetime);
        if (shutdown is not null)
        {
            features.Set<IConnectionLifetimeNotificationFeature>(shutdown);
            replay.OnHeadTaken(shutdown.Release);
        }

        connection.Transport = new TransportPipe(replay, secured.Output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = secured;
            features.Set(lifetime);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} was upgraded with {Token} and speaks {Version}. First request: {IsFirst}, aware client: {IsAware}.", EventName = "Upgraded")]
        public static partial void Upgraded(ILogger logger, string connectionId, string token, System.Security.Authentication.SslProtocols version, bool isFirst, bool isAware);

        [LoggerMessage(2, LogLevel.Information, "Connection {ConnectionId} was upgraded, but its TLS client offers h2 and so does not know that. It was closed without application data.", EventName = "UnawareClientRefused")]
        public static partial void UnawareClientRefused(ILogger logger, string connectionId);

        [LoggerMessage(3, LogLevel.Information, "Connection {ConnectionId} was upgraded, but its TLS client does not offer {AlpnProtocolId}, which AcceptedClients = AwareOnly asks for. It was closed without application data.", EventName = "UnmarkedClientRefused")]
        public static partial void UnmarkedClientRefused(ILogger logger, string connectionId, string alpnProtocolId);

        [LoggerMessage(4, LogLevel.Information, "Connection {ConnectionId} was upgraded, but its TLS client asks for {ServerName} where the request in clear text asked for {Host}. It was closed without application data.", EventName = "ServerNameRefused")]
        public static partial void ServerNameRefused(ILogger logger, string connectionId, string serverName, string host);

        [LoggerMessage(5, LogLevel.Debug, "Connection {ConnectionId} began with TLS but did not negotiate h2. DirectTls = Http2Only serves HTTP/2 only.", EventName = "DirectHttp1Refused")]
        public static partial void DirectHttp1Refused(ILogger logger, string connectionId);
    }
}
