using System.Net;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Tunnel.Internal.Answering;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using KestrelTlsUpgrade.Tunnel.Internal.Relaying;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>Serves each CONNECT of an endpoint: authorize, check the destination, connect, answer, relay, and log the outcome.</summary>
internal sealed partial class TunnelServer
{
    private readonly ConnectTunnelOptions _options;
    private readonly TunnelServices _services;
    private readonly CallerAuthorization _authorization;
    private readonly DestinationPolicy _policy;
    private readonly Destination _destination;
    private readonly TunnelLimits _limits;
    private readonly Refusals _refusals;

    public TunnelServer(ConnectTunnelOptions options, TunnelServices services)
    {
        _options = options;
        _services = services;
        _authorization = new CallerAuthorization(options, services.LogLimiter, services.Logger);
        _policy = new DestinationPolicy(options, services.OwnAddresses, services.OwnListeners);
        _limits = new TunnelLimits(options.MaxTunnels, options.MaxTunnelsPerCaller);
        _refusals = new Refusals(options, services);
        var dialer = new Dialer(services.TimeProvider);
        var nextProxy = options.UpstreamProxy is null ? null : new NextProxy(options, dialer, services.Lookups, services.TimeProvider);
        _destination = new Destination(_policy, services.Lookups, dialer, nextProxy, options.ConnectTimeout, services.TimeProvider);
    }

    /// <summary>Serves or refuses a request. Returns whether the connection goes on, after a challenge.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="arrived">The request.</param>
    /// <param name="turn">Its place on the connection.</param>
    public async Task<bool> ServeAsync(ConnectionContext connection, ArrivedRequest arrived, Turn turn)
    {
        if (arrived.Kind is ArrivedRequestKind.Misdirected && !turn.IsBehindChallenge)
        {
            await _refusals.SendAsync(connection, arrived.Misdirected!);
            return false;
        }

        var started = _services.TimeProvider.GetTimestamp();
        var request = arrived.Request;
        TunnelFeature? tunnel = null;
        var rejection = arrived.Kind switch
        {
            ArrivedRequestKind.TimedOut => Rejection.Of(TunnelOutcome.RequestTimeout),
            ArrivedRequestKind.TooLong => Rejection.OfRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge),
            ArrivedRequestKind.Late => Rejection.Late(),
            ArrivedRequestKind.Malformed => Rejection.OfRequest(StatusCodes.Status400BadRequest),
            ArrivedRequestKind.Connect when request is null => Rejection.OfRequest(arrived.Status),

            // It may come from somebody whose bytes the caller sent ahead of the 407 (RFC 9931 section 8). A client whose connections are
            // for all targets repeats it on another one.
            ArrivedRequestKind.Connect => turn.Admits(request.Target) ? null : Rejection.Silence,
            _ => Rejection.OfRequest(StatusCodes.Status400BadRequest),
        };
        TunnelOutcome outcome;
        if (rejection is null)
        {
            (outcome, rejection, tunnel) = await OpenAsync(connection, request!, turn);
        }
        else
        {
            outcome = rejection.Outcome;
            await _refusals.SendAsync(connection, rejection);
        }

        var duration = _services.TimeProvider.GetElapsedTime(started);
        _services.Metrics.ConnectEnded(outcome, duration);

        // An established tunnel is always logged. Refusals are limited, because anyone can cause any number of them.
        if (tunnel is not null || _services.LogLimiter.Admits(_services.Logger, LogLevel.Information, connection.RemoteEndPoint))
        {
            Log.Tunnel(
                _services.Logger,
                TunnelMetrics.NameOf(outcome),
                request?.Target.Authority,
                connection.RemoteEndPoint,
                tunnel?.Destination,
                rejection?.Status ?? (tunnel is null ? 0 : 200),
                tunnel?.BytesSent ?? 0,
                tunnel?.BytesReceived ?? 0,
                duration.TotalMilliseconds,
                connection.ConnectionId);
        }

        return rejection is { IsPersistent: true };
    }

    private async Task<(TunnelOutcome Outcome, Rejection? Rejection, TunnelFeature? Tunnel)> OpenAsync(
        ConnectionContext connection, ConnectRequest request, Turn turn)
    {
        _services.OwnAddresses.AddTunnelPorts(connection);

        IDisposable? place = null;
        try
        {
            DialResult result;
            bool hasLeft;
            bool hasEnded;
            await using (var caller = new CallerPresence(
                connection, _services.TimeProvider, exception => _authorization.LogFailure(exception, connection.RemoteEndPoint)))
            {
                (result, place) = await ReachAsync(connection, request, turn, caller.Left);
                (hasLeft, hasEnded) = (caller.Left.IsCancellationRequested, caller.HasEnded);
            }

            if (hasLeft)
            {
                result.Upstream?.Dispose();
                if (!hasEnded)
                {
                    return (TunnelOutcome.CallerLeft, null, null);
                }

                result = DialResult.Of(TunnelOutcome.CallerLeft);
            }

            if (result.Upstream is not { } upstream)
            {
                place?.Dispose();
                var rejection = result.Rejection!;
                if (rejection.Outcome is TunnelOutcome.ChallengeSent && turn.MayRepeat && request.IsPersistent && IsWaiting(connection))
                {
                    rejection = rejection with { IsPersistent = true };
                }

                await _refusals.SendAsync(connection, rejection);
                return (rejection.Outcome, rejection, null);
            }

            var (outcome, tunnel) = await RelayAsync(connection, request, upstream);
            return (outcome, null, tunnel);
        }
        finally
        {
            place?.Dispose();
        }
    }

    private async Task<(DialResult Result, IDisposable? Place)> ReachAsync(
        ConnectionContext connection, ConnectRequest request, Turn turn, CancellationToken callerLeft)
    {
        var authorization = await _authorization.AuthorizeAsync(CreateContext(connection, request, callerLeft));
        if (!authorization.IsAllowed)
        {
            return (new(null, authorization.ProxyChallenge is { } challenge
                ? Rejection.Challenge(challenge)
                : Rejection.Of(TunnelOutcome.Denied)), null);
        }

        if (turn.IsBehindChallenge && request.ProxyAuthorization is null)
        {
            // This may come from somebody else, too.
            return (new(null, Rejection.Silence), null);
        }

        if (!_policy.IsPortAllowed(request.Target.Port))
        {
            return (DialResult.Of(TunnelOutcome.DestinationForbidden), null);
        }

        var place = _limits.TryEnter(connection.RemoteEndPoint);
        return place is null
            ? (DialResult.Of(TunnelOutcome.Busy), null)
            : (await _destination.ReachAsync(request, CallerKey.Of(connection.RemoteEndPoint), callerLeft), place);
    }

    private async Task<(TunnelOutcome Outcome, TunnelFeature Tunnel)> RelayAsync(
        ConnectionContext connection, ConnectRequest request, Upstream upstream)
    {
        using (upstream)
        {
            var tunnel = new TunnelFeature(request.Target, upstream.EndPoint);
            connection.Features.Set<IConnectTunnelFeature>(tunnel);
            _services.Metrics.TunnelStarted();
            try
            {
                var watch = TunnelWatch.Start(connection, upstream, tunnel, _options, _services.TimeProvider);
                var outcome = await new TunnelRelay(connection, upstream, tunnel, watch, _services.LargeBlocks).RunAsync();
                watch.End();
                await EndAsync(connection, outcome);
                return (outcome, tunnel);
            }
            finally
            {
                _services.Metrics.TunnelStopped(tunnel.BytesSent, tunnel.BytesReceived);
            }
        }
    }

    /// <summary>If one side aborted, the other is aborted as well; otherwise the connection ends normally.</summary>
    private Task EndAsync(ConnectionContext connection, TunnelOutcome outcome)
    {
        if (outcome is TunnelOutcome.DestinationAborted or TunnelOutcome.CallerAborted or TunnelOutcome.Aborted)
        {
            connection.Abort(new ConnectionAbortedException("The other side of the tunnel aborted."));
            return Task.CompletedTask;
        }

        return LastBytes.DeliverAsync(connection, isEndAwaited: true, _options.LingerTimeout, _services.TimeProvider);
    }

    /// <summary>Whether the caller has sent nothing behind its request. One that sends ahead cannot be challenged (RFC 9931 section 8).</summary>
    private static bool IsWaiting(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        try
        {
            if (!input.TryRead(out var result))
            {
                return true;
            }

            input.AdvanceTo(result.Buffer.Start);
            return false;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            return false;
        }
    }

    private ConnectTunnelAuthorizationContext CreateContext(
        ConnectionContext connection, ConnectRequest request, CancellationToken callerLeft) =>
        new(request.Target.Host, request.Target.Port, _services.Provider)
        {
            Caller = connection.RemoteEndPoint is IPEndPoint endPoint
                ? new IPEndPoint(SpecialAddresses.Unmap(endPoint.Address), endPoint.Port)
                : connection.RemoteEndPoint,
            ClientCertificate = connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
            ProxyAuthorization = request.ProxyAuthorization,
            CancellationToken = callerLeft,
        };

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Information, "CONNECT {Target} from {Caller}: {Outcome}, status {Status}, destination {Destination}, {BytesSent} bytes sent, {BytesReceived} bytes received, {ElapsedMilliseconds} ms, connection {ConnectionId}.", EventName = "Tunnel")]
        public static partial void Tunnel(
            ILogger logger,
            string outcome,
            string? target,
            EndPoint? caller,
            EndPoint? destination,
            int status,
            long bytesSent,
            long bytesReceived,
            double elapsedMilliseconds,
            string connectionId);
    }
}
