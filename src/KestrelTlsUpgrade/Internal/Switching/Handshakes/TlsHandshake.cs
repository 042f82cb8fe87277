using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>Has Kestrel's TLS run, and tells why where it does not get to stand.</summary>
/// <param name="tls">Kestrel's TLS, and what is behind it.</param>
/// <param name="termsByName">The names that have settings of their own.</param>
/// <param name="observers">Is told of the failure.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Is told why.</param>
internal sealed partial class TlsHandshake(
    ConnectionDelegate tls,
    ServerNameTable<TlsTerms> termsByName,
    TlsUpgradeObservers observers,
    TimeProvider timeProvider,
    ILogger<TlsHandshake> logger)
{
    public async Task OnConnectionAsync(ConnectionContext connection)
    {
        var upgrade = connection.Features.Get<UpgradeRequest>();
        var watch = upgrade is null
            ? new HandshakeWatch(TlsStart.FirstByte, timeProvider.GetTimestamp())
            : new HandshakeWatch(upgrade.IsFirst ? TlsStart.FirstRequest : TlsStart.LaterRequest, upgrade.OfferedAt);
        var transport = connection.Transport;
        connection.Transport = new TransportPipe(new WatchedPipeReader(transport.Input, watch), transport.Output);
        connection.Features.Set(watch);
        HandshakeWatch.Current = watch;
        try
        {
            await tls(connection);
        }
        catch (Exception exception) when (Note(watch, exception))
        {
            // The client's doing, which Kestrel does not expect and would log as an error of the application.
        }
        finally
        {
            connection.Transport = transport;
            if (!watch.IsCompleted)
            {
                Tell(connection, upgrade, watch);
            }
        }
    }

    /// <summary>TLS stands: from here on the handshake is over, and leaves nothing on the connection.</summary>
    public static HandshakeWatch Complete(ConnectionContext connection)
    {
        var watch = connection.Features.Get<HandshakeWatch>()!;
        watch.IsCompleted = true;
        connection.Features.Set<HandshakeWatch>(null);
        HandshakeWatch.Current = null;
        return watch;
    }

    private static bool Note(HandshakeWatch watch, Exception exception)
    {
        watch.Failure ??= exception;
        return watch.LacksClientHello;
    }

    private void Tell(ConnectionContext connection, UpgradeRequest? upgrade, HandshakeWatch watch)
    {
        var cause = HandshakeFault.Find(watch);
        if (cause is FailureCause.HandshakeFailed && watch.Failure is AuthenticationException
            && !termsByName.IsEmpty && FindTerms(connection, upgrade) is null)
        {
            cause = FailureCause.ServerNameUnknown;
        }

        observers.ConnectionSettled(new(
            connection, ConnectionOutcome.Failed, watch.Start, cause, Duration: timeProvider.GetElapsedTime(watch.StartedAt)));

        var isGone = cause is FailureCause.Closed or FailureCause.Reset or FailureCause.Timeout or FailureCause.Aborted;
        if (logger.IsEnabled(upgrade is null || isGone ? LogLevel.Debug : LogLevel.Information))
        {
            Tell(connection.ConnectionId, upgrade, isGone, TagNames.Of(cause), FailureWords.Of(cause, watch));
        }
    }

    private void Tell(string connectionId, UpgradeRequest? upgrade, bool isGone, string cause, string words)
    {
        if (upgrade is null)
        {
            Log.DirectTlsFailed(logger, connectionId, cause, words);
        }
        else if (isGone)
        {
            Log.UpgradeAbandoned(logger, connectionId, cause, words);
        }
        else
        {
            Log.UpgradeFailed(logger, connectionId, cause, words);
        }
    }

    private TlsTerms? FindTerms(ConnectionContext connection, UpgradeRequest? upgrade) => upgrade is null
        ? termsByName.Find(connection.Features.Get<SslStream>()?.TargetHostName ?? "")
        : termsByName.FindByHost(upgrade.Host);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Connection {ConnectionId} got its 101, but the TLS handshake failed: {Cause}. {Explanation}", EventName = "UpgradeFailed")]
        public static partial void UpgradeFailed(ILogger logger, string connectionId, string cause, string explanation);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId} got its 101, but the client did not finish the TLS handshake: {Cause}. {Explanation}", EventName = "UpgradeAbandoned")]
        public static partial void UpgradeAbandoned(ILogger logger, string connectionId, string cause, string explanation);

        [LoggerMessage(3, LogLevel.Debug, "Connection {ConnectionId} began with TLS, but the handshake failed: {Cause}. {Explanation}", EventName = "DirectTlsFailed")]
        public static partial void DirectTlsFailed(ILogger logger, string connectionId, string cause, string explanation);
    }
}
