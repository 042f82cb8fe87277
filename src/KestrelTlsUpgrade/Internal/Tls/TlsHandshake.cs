using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Connections.Pipes;
using KestrelTlsUpgrade.Internal.Middleware;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Internal.Tls.Hellos;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>Runs Kestrel's TLS behind a gate that checks the ClientHello, and reports why a handshake failed.</summary>
internal static partial class TlsHandshake
{
    /// <summary>How long a refused client may take to close, so that it receives the alert.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(2);

    private const int MaxDrained = 64 * 1024;

    /// <summary>Runs the handshake and, once it has completed, the rest of the connection.</summary>
    public static async Task RunAsync(UpgradeConnection connection)
    {
        var context = connection.Context;
        var settings = connection.Settings;
        var trace = new HandshakeTrace(connection, connection.Upgrade?.OfferedAt ?? settings.Services.TimeProvider.GetTimestamp());
        var transport = context.Transport;
        var input = connection.Upgrade?.Trial?.Begin(transport.Input) ?? transport.Input;
        context.Transport = new TransportPipe(new HelloGate(new HandshakeInput(input), trace), transport.Output);
        context.Features.Set(connection);
        connection.Handshake = trace;
        HandshakeTrace.Current = trace;
        try
        {
            await settings.Tls!.RunAsync(connection);
        }
        catch (Exception exception) when (Note(trace, exception))
        {
            // We refused the client from inside an application callback. Kestrel would log this as an application error.
        }
        finally
        {
            context.Transport = transport;
            if (!trace.IsCompleted)
            {
                Report(connection, trace);
            }
            else if (!connection.IsEndedOrderly)
            {
                trace.Trial?.AnswerIsCut();
            }
        }

        if (connection.IsEndedOrderly)
        {
            var isReset = await Lingering.RunAsync(context, settings.Services.TimeProvider);
            trace.Trial?.Conclude(isReset);
        }
        else if (trace.Refusal is not FailureCause.None && !trace.IsCompleted)
        {
            await RefuseAsync(context, RefusalAlert.For(trace.Refusal), settings.Services.TimeProvider);
        }
    }

    /// <summary>Marks the handshake as completed and removes its state from the connection.</summary>
    public static HandshakeTrace Complete(UpgradeConnection connection)
    {
        var trace = connection.Handshake!;
        trace.IsCompleted = true;
        connection.Handshake = null;
        HandshakeTrace.Current = null;
        return trace;
    }

    private static bool Note(HandshakeTrace trace, Exception exception)
    {
        trace.Failure ??= exception;
        return exception is ClientRefusedException;
    }

    /// <summary>
    /// Sends the alert and waits for the client to close: closing with unread data would reset the connection and discard the alert.
    /// </summary>
    private static async Task RefuseAsync(ConnectionContext connection, ReadOnlyMemory<byte> alert, TimeProvider timeProvider)
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
            // The client is gone or too slow.
        }
    }

    private static void Report(UpgradeConnection connection, HandshakeTrace trace)
    {
        var context = connection.Context;
        var settings = connection.Settings;
        var services = settings.Services;
        var upgrade = connection.Upgrade;
        var cause = HandshakeFailure.Find(trace);
        if (cause is FailureCause.HandshakeFailed && trace.Failure is AuthenticationException
            && !settings.RequirementsByName.IsEmpty && FindRequirements(connection) is null)
        {
            cause = FailureCause.ServerNameUnknown;
        }

        var description = FailureDescription.Of(cause);
        var isRefused = description.Kind is FailureKind.Refused;
        services.Observers.ConnectionSettled(new(
            context,
            isRefused ? ConnectionOutcome.Refused : ConnectionOutcome.Failed,
            trace.Start,
            cause,
            Duration: services.TimeProvider.GetElapsedTime(trace.StartedAt)));
        upgrade?.Trial?.Fail(context, upgrade, cause, trace.Failure, settings);
        if (isRefused)
        {
            services.Refusals.Write(context, cause, upgrade, trace.Hello);
            return;
        }

        var isOfNote = upgrade is null ? description.ShutsOut : description.Kind is not FailureKind.Gone;
        var level = isOfNote ? LogLevel.Information : LogLevel.Debug;
        if (services.Limiter.Admits(services.HandshakeLogger, level, context.RemoteEndPoint))
        {
            Write(services.HandshakeLogger, context, upgrade, isOfNote, description.Tag, description.Explain(trace));
        }
    }

    private static void Write(
        ILogger logger, ConnectionContext connection, UpgradeRequest? upgrade, bool isOfNote, string cause, string explanation)
    {
        var (connectionId, address) = (connection.ConnectionId, LoggedAddress.Of(connection));
        if (upgrade is null && isOfNote)
        {
            Log.DirectTlsShutOut(logger, connectionId, address, cause, explanation);
        }
        else if (upgrade is null)
        {
            Log.DirectTlsFailed(logger, connectionId, address, cause, explanation);
        }
        else if (!isOfNote)
        {
            Log.UpgradeAbandoned(logger, connectionId, address, cause, explanation);
        }
        else
        {
            Log.UpgradeFailed(logger, connectionId, address, cause, explanation);
        }
    }

    private static SniRequirements? FindRequirements(UpgradeConnection connection) => connection.Upgrade is { } upgrade
        ? connection.Settings.RequirementsByName.FindByHost(upgrade.Host)
        : connection.Settings.RequirementsByName.Find(connection.Context.Features.Get<SslStream>()?.TargetHostName ?? "");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Connection {ConnectionId}{Address} received its 101, but the TLS handshake failed: {Cause}. {Explanation} To leave such clients in clear text, set Offers or OffersFrom.", EventName = "UpgradeFailed")]
        public static partial void UpgradeFailed(ILogger logger, string connectionId, string address, string cause, string explanation);

        [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId}{Address} received its 101, but the client did not complete the TLS handshake: {Cause}. {Explanation}", EventName = "UpgradeAbandoned")]
        public static partial void UpgradeAbandoned(ILogger logger, string connectionId, string address, string cause, string explanation);

        [LoggerMessage(3, LogLevel.Debug, "Connection {ConnectionId}{Address} began with TLS, but the handshake failed: {Cause}. {Explanation}", EventName = "DirectTlsFailed")]
        public static partial void DirectTlsFailed(ILogger logger, string connectionId, string address, string cause, string explanation);

        [LoggerMessage(4, LogLevel.Information, "Connection {ConnectionId}{Address} began with TLS, but the endpoint's settings shut its client out: {Cause}. {Explanation}", EventName = "DirectTlsShutOut")]
        public static partial void DirectTlsShutOut(ILogger logger, string connectionId, string address, string cause, string explanation);
    }
}
