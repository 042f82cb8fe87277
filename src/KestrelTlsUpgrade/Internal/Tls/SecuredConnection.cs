using System.Net.Security;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The step between Kestrel's TLS and the endpoint's HTTP: decides whether the client is served, replays the upgrade request, and ends TLS
/// with close_notify (RFC 2818 section 2.2), unless the last response was cut.
/// </summary>
internal static partial class SecuredConnection
{
    /// <summary>The final delegate of every TLS branch.</summary>
    public static Task OnConnectionAsync(ConnectionContext connection) => ServeAsync(UpgradeConnection.Of(connection.Features)!);

    private static async Task ServeAsync(UpgradeConnection connection)
    {
        var context = connection.Context;
        var stream = context.Features.GetRequiredFeature<ISslStreamFeature>().SslStream;
        var handshake = TlsHandshake.Complete(connection);
        var upgrade = connection.Upgrade;
        var cause = upgrade is null ? JudgeDirect(stream, handshake) : JudgeUpgraded(stream, handshake, upgrade);
        Report(connection, stream, handshake, cause);
        SetSni(connection, stream);
        if (cause is FailureCause.DirectHttp1)
        {
            var settings = connection.Settings;
            await Http1Refusal.AnswerAsync(context, settings.Policy.Limits.RequestHeadersTimeout, settings.Services);
        }
        else if (cause is FailureCause.None && upgrade is not null)
        {
            await ServeUpgradedAsync(connection, upgrade, stream, handshake);
        }
        else if (cause is FailureCause.None)
        {
            context.Features.Set<ITlsUpgradeFeature>(TlsUpgradeFeature.DirectTls);
            await connection.Http(context);
        }

        // After close_notify, a response that ends with the connection is whole (RFC 9112 sections 8, 9.8).
        if (!connection.IsCut)
        {
            await CloseNotify.SendAsync(stream, context.ConnectionClosed);
            connection.IsEndedOrderly = true;
        }
    }

    private static void Report(UpgradeConnection connection, SslStream stream, HandshakeTrace handshake, FailureCause cause)
    {
        var services = connection.Settings.Services;
        var duration = services.TimeProvider.GetElapsedTime(handshake.StartedAt);
        var outcome = cause is not FailureCause.None ? ConnectionOutcome.Refused
            : connection.Upgrade is null ? ConnectionOutcome.DirectTls
            : ConnectionOutcome.Upgraded;
        services.Observers.ConnectionSettled(new(connection.Context, outcome, handshake.Start, cause, stream.SslProtocol, duration));
        if (cause is not FailureCause.None)
        {
            services.Refusals.Write(connection.Context, cause, connection.Upgrade, handshake.Hello);
        }
    }

    private static void SetSni(UpgradeConnection connection, SslStream stream)
    {
        var byName = connection.Settings.RequirementsByName;
        if (!byName.IsEmpty)
        {
            connection.Sni = new(
                byName, connection.Upgrade is { } upgrade ? byName.FindByHost(upgrade.Host) : byName.Find(stream.TargetHostName));
        }
    }

    /// <summary>Decides whether a client that began with TLS is served.</summary>
    private static FailureCause JudgeDirect(SslStream stream, HandshakeTrace handshake)
    {
        if (stream.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2)
        {
            return handshake.Hello!.OffersHttp2 ? FailureCause.None : FailureCause.TlsDisagrees;
        }

        return handshake.Rules.DirectTls is DirectTlsMode.Any ? FailureCause.None : FailureCause.DirectHttp1;
    }

    /// <summary>
    /// Decides whether a client is served after a 101. Its ClientHello has already been checked; the result of TLS must agree with it. This
    /// is a second guard against two parsers that read one message differently.
    /// </summary>
    private static FailureCause JudgeUpgraded(SslStream stream, HandshakeTrace handshake, UpgradeRequest upgrade)
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

    private static async Task ServeUpgradedAsync(
        UpgradeConnection connection, UpgradeRequest upgrade, SslStream stream, HandshakeTrace handshake)
    {
        var context = connection.Context;
        var features = context.Features;
        var token = UpgradeTokenText.Format(upgrade.Token);
        var isAware = handshake.Hello!.HasMark;
        var isConfirmed = handshake.IsConfirmed;
        Log.Upgraded(
            connection.Settings.Services.SecuredLogger, context.ConnectionId, token, stream.SslProtocol, upgrade.IsFirst, isAware);

        var secured = context.Transport;
        handshake.Trial = upgrade.Trial;
        var input = upgrade.Trial?.Watch(secured.Input, context, upgrade, connection.Settings) ?? secured.Input;
        var replay = new ReplayPipeReader(upgrade.TakeHead(), FirstTlsRead.Create(input, context));
        connection.ForgetUpgrade();
        ReplayPhase.Begin(
            connection,
            new TlsUpgradeFeature(TlsUpgradeState.Upgraded, token, isReplayed: true, isAware, isConfirmed),
            isGated: !isConfirmed && IsBehindCertificate(stream, handshake),
            showsIdentity: isConfirmed && handshake.Rules.TrustsClientCertificateOnReplay,
            upgrade.Span,
            upgrade.Trial);
        var lifetime = features.Get<IConnectionLifetimeNotificationFeature>();
        using var shutdown = lifetime is null ? null : new DeferredShutdown(lifetime);
        if (shutdown is not null)
        {
            features.Set<IConnectionLifetimeNotificationFeature>(shutdown);
            replay.OnHeadTaken(shutdown.Release);
        }

        context.Transport = new TransportPipe(replay, secured.Output);
        try
        {
            await connection.Http(context);
        }
        finally
        {
            context.Transport = secured;
            features.Set(lifetime);
        }
    }

    /// <summary>
    /// Whether the handshake fails without a client certificate. An application callback decides for itself whether the certificate is
    /// required, so a certificate that was sent counts as required.
    /// </summary>
    private static bool IsBehindCertificate(SslStream stream, HandshakeTrace handshake) =>
        handshake.RequiresCertificate || (handshake.AsksByCallback && stream.RemoteCertificate is not null);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection {ConnectionId} was upgraded with {Token} and speaks {Version}. First request: {IsFirst}, aware client: {IsAware}.", EventName = "Upgraded")]
        public static partial void Upgraded(ILogger logger, string connectionId, string token, System.Security.Authentication.SslProtocols version, bool isFirst, bool isAware);
    }
}
