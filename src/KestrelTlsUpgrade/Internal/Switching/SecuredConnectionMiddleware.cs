using System.Net.Security;
using KestrelTlsUpgrade.Connections.Pipes;
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
    ServerNameTable<TlsTerms> termsByName,
    Http1Refusal refusal,
    RefusalLog refusals,
    TlsUpgradeObservers observers,
    TimeProvider timeProvider,
    ILogger<SecuredConnectionMiddleware> logger)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var stream = connection.Features.GetRequiredFeature<ISslStreamFeature>().SslStream;
        var handshake = TlsHandshake.Complete(connection);
        var upgrade = handshake.Upgrade;
        var duration = timeProvider.GetElapsedTime(handshake.StartedAt);
        var cause = upgrade is null ? JudgeDirect(stream, handshake) : JudgeUpgraded(stream, handshake, upgrade);
        var outcome = cause is not FailureCause.None ? ConnectionOutcome.Refused
            : upgrade is null ? ConnectionOutcome.DirectTls
            : ConnectionOutcome.Upgraded;
        observers.ConnectionSettled(new(connection, outcome, handshake.Start, cause, stream.SslProtocol, duration));
        if (cause is not FailureCause.None)
        {
            refusals.Write(connection, cause, upgrade, handshake.Hello);
        }

        if (!termsByName.IsEmpty)
        {
            var terms = upgrade is null ? termsByName.Find(stream.TargetHostName) : termsByName.FindByHost(upgrade.Host);
            connection.Features.Set(new AgreedTerms(termsByName, terms));
        }

        if (cause is FailureCause.DirectHttp1)
        {
            await refusal.AnswerAsync(connection, stream);
            return;
        }

        if (cause is FailureCause.None && upgrade is not null)
        {
            await ServeUpgradedAsync(connection, upgrade, stream, handshake);
        }
        else if (cause is FailureCause.None)
        {
            connection.Features.Set<ITlsUpgradeFeature>(TlsUpgradeFeature.DirectTls);
            await next(connection);
        }

        await CloseNotify.SendAsync(stream, connection.ConnectionClosed);
    }

    /// <summary>Whether a client may go on that began with TLS.</summary>
    private static FailureCause JudgeDirect(SslStream stream, HandshakeWatch handshake)
    {
        if (stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
        {
            return handshake.Hello!.OffersHttp2 ? FailureCause.None : FailureCause.TlsDisagrees;
        }

        return handshake.Rules.DirectTls is DirectTlsMode.Any ? FailureCause.None : FailureCause.DirectHttp1;
    }

    /// <summary>
    /// Whether a client may go on after a 101. It has been judged by its ClientHello. What TLS made of that has to agree with it: the
    /// list of protocols is the second guard, and two readers of one message must not come to two names.
    /// </summary>
    private static FailureCause JudgeUpgraded(SslStream stream, HandshakeWatch handshake, UpgradeRequest upgrade)
    {
        var hello = handshake.Hello!;
        var protocol = stream.NegotiatedApplicationProtocol;
        if (protocol == SslApplicationProtocol.Http2)
        {
            return FailureCause.Http2Offered;
        }

        var isExpected =
            handshake.IsConfirmed ? protocol == new SslApplicationProtocol(upgrade.Mark)
            : hello.HasPlainMark ? protocol == ApplicationProtocols.Aware
            : protocol == SslApplicationProtocol.Http11 ? hello.OffersHttp11
            : protocol == default;
        return isExpected && ServerName.IsSame(stream.TargetHostName, hello.ServerName ?? "")
            ? FailureCause.None
            : FailureCause.TlsDisagrees;
    }

    private async Task ServeUpgradedAsync(ConnectionContext connection, UpgradeRequest upgrade, SslStream stream, HandshakeWatch handshake)
    {
        var features = connection.Features;
        var token = UpgradeTokenText.Format(upgrade.Token);
        var isAware = handshake.Hello!.HasMark;
        var isConfirmed = handshake.IsConfirmed;
        Log.Upgraded(logger, connection.ConnectionId, token, stream.SslProtocol, upgrade.IsFirst, isAware);

        var secured = connection.Transport;
        var replay = new ReplayPipeReader(upgrade.TakeHead(), FirstTlsRead.Create(secured.Input, connection));
        features.Set<UpgradeRequest>(null);
        ReplayPhase.Begin(
            connection,
            new TlsUpgradeFeature(TlsUpgradeState.Upgraded, token, isReplayed: true, isAware, isConfirmed),
            isGated: !isConfirmed && IsBehindCertificate(stream, handshake),
            showsIdentity: isConfirmed && handshake.Rules.TrustsClientCertificateOnReplay);
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

    /// <summary>
    /// Whether the handshake is a gate: it fails without a client certificate. A callback decides for itself whether it requires the
    /// certificate that it asks for; where there is one, it may have.
    /// </summary>
    private static bool IsBehindCertificate(SslStream stream, HandshakeWatch handshake) =>
        handshake.RequiresCertificate || (handshake.AsksByCallback && stream.RemoteCertificate is not null);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} was upgraded with {Token} and speaks {Version}. First request: {IsFirst}, aware client: {IsAware}.", EventName = "Upgraded")]
        public static partial void Upgraded(ILogger logger, string connectionId, string token, System.Security.Authentication.SslProtocols version, bool isFirst, bool isAware);
    }
}
