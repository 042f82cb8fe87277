using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Internal.Arrival;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Observation;
using KestrelTlsUpgrade.Internal.Switching.Hellos;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>Runs Kestrel's TLS behind a gate that judges the client first, and says why a handshake did not complete.</summary>
/// <param name="tls">Kestrel's TLS, and what is behind it.</param>
/// <param name="rules">Which clients are served.</param>
/// <param name="termsByName">The names that have settings of their own.</param>
/// <param name="refusals">Logs why clients are refused.</param>
/// <param name="observers">Learn of the failure.</param>
/// <param name="limiter">Bounds the lines that a client can cause.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">The log of failures.</param>
internal sealed partial class TlsHandshake(
    ConnectionDelegate tls,
    ClientRules rules,
    ServerNameTable<TlsTerms> termsByName,
    RefusalLog refusals,
    TlsUpgradeObservers observers,
    CallerLogLimiter limiter,
    TimeProvider timeProvider,
    ILogger<TlsHandshake> logger)
{
    /// <summary>How long a refused client may take to close, so that the alert reaches it.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    private const int MaxDrained = 64 * 1024;

    /// <param name="connection">The connection.</param>
    /// <param name="upgrade">The upgrade that it follows, or <see langword="null"/> if the connection began with TLS.</param>
    /// <param name="active">The settings that are active while it runs.</param>
    public async Task RunAsync(ConnectionContext connection, UpgradeRequest? upgrade, ActiveSettings active)
    {
        var watch = new HandshakeWatch(upgrade?.OfferedAt ?? timeProvider.GetTimestamp(), upgrade, rules, active);
        var transport = connection.Transport;
        connection.Transport = new TransportPipe(new HelloGate(transport.Input, watch), transport.Output);
        if (upgrade is not null)
        {
            connection.Features.Set(upgrade);
        }

        connection.Features.Set(watch);
        HandshakeWatch.Current = watch;
        try
        {
            await tls(connection);
        }
        catch (Exception exception) when (Note(watch, exception))
        {
            // A refusal from within an application's callback, which Kestrel would log as an error of the application.
        }
        finally
        {
            connection.Transport = transport;
            if (!watch.IsCompleted)
            {
                Tell(connection, watch);
            }
        }

        if (watch.Refusal is not FailureCause.None && !watch.IsCompleted)
        {
            await RefuseAsync(connection, RefusalAlert.For(watch.Refusal));
        }
    }

    /// <summary>The handshake is over, and leaves nothing on the connection.</summary>
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
        return exception is ClientRefusedException;
    }

    /// <summary>Answers with the alert, and waits for the client to close: octets that are left unread would reset the alert away.</summary>
    private async Task RefuseAsync(ConnectionContext connection, ReadOnlyMemory<byte> alert)
    {
        if (alert.IsEmpty)
        {
            return;
        }

        using var deadline = new CancellationTokenSource(DrainTimeout, timeProvider);
        try
        {
            await connection.Transport.Output.WriteAsync(alert, deadline.Token);
            await Drain.RunAsync(connection.Transport.Input, MaxDrained, deadline.Token);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client is gone, or takes too long.
        }
    }

    private void Tell(ConnectionContext connection, HandshakeWatch watch)
    {
        var upgrade = watch.Upgrade;
        var cause = HandshakeFault.Find(watch);
        if (cause is FailureCause.HandshakeFailed && watch.Failure is AuthenticationException
            && !termsByName.IsEmpty && FindTerms(connection, upgrade) is null)
        {
            cause = FailureCause.ServerNameUnknown;
        }

        var isRefused = RefusalLog.Covers(cause);
        observers.ConnectionSettled(new(
            connection,
            isRefused ? ConnectionOutcome.Refused : ConnectionOutcome.Failed,
            watch.Start,
            cause,
            Duration: timeProvider.GetElapsedTime(watch.StartedAt)));
        if (isRefused)
        {
            refusals.Write(connection, cause, upgrade, watch.Hello);
            return;
        }

        var isGone = cause is FailureCause.Closed or FailureCause.Reset or FailureCause.Timeout or FailureCause.Aborted;
        if (limiter.Admits(logger, upgrade is null || isGone ? LogLevel.Debug : LogLevel.Information, connection.RemoteEndPoint))
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
