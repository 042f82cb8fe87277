using System.Net;
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

    public TunnelServer(ConnectTunnelOptions options, TunnelServices services)
    {
        _options = options;
        _services = services;
        _authorization = new CallerAuthorization(options, services.LogLimiter, services.Logger);
        _policy = new DestinationPolicy(options, services.OwnAddresses, services.OwnListeners);
        _limits = new TunnelLimits(options.MaxTunnels, options.MaxTunnelsPerCaller);
        var dialer = new Dialer(services.TimeProvider);
        var nextProxy = options.UpstreamProxy is null ? null : new NextProxy(options, dialer, services.Lookups);
        _destination = new Destination(_policy, services.Lookups, dialer, nextProxy, options.ConnectTimeout, services.TimeProvider);
    }

    public async Task ServeAsync(ConnectionContext connection, ArrivedRequest arrived)
    {
        var started = _services.TimeProvider.GetTimestamp();
        var request = arrived.Request;
        TunnelFeature? tunnel = null;
        var rejection = arrived.Kind switch
        {
            FirstRequestKind.TimedOut => Rejection.Of(TunnelOutcome.RequestTimeout),
            FirstRequestKind.TooLong => Rejection.OfRequest(StatusCodes.Status431RequestHeaderFieldsTooLarge),
            FirstRequestKind.Malformed => Rejection.OfRequest(StatusCodes.Status400BadRequest),
            _ => request is null ? Rejection.OfRequest(arrived.Status) : null,
        };
        TunnelOutcome outcome;
        if (rejection is null)
        {
            (outcome, rejection, tunnel) = await OpenAsync(connection, request!);
        }
        else
        {
            outcome = rejection.Outcome;
            await RejectAsync(connection, rejection);
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
    }

    private async Task<(TunnelOutcome Outcome, Rejection? Rejection, TunnelFeature? Tunnel)> OpenAsync(
        ConnectionContext connection, ConnectRequest request)
    {
        _services.OwnAddresses.AddTunnelPorts(connection);

        IDisposable? place = null;
        try
        {
            DialResult result;
            bool hasLeft;
            bool hasEnded;
            await using (var caller = new CallerPresence(connection, _services.TimeProvider))
            {
                (result, place) = await ReachAsync(connection, request, caller.Left);
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
                await RejectAsync(connection, result.Rejection!);
                return (result.Rejection!.Outcome, result.Rejection, null);
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
        ConnectionContext connection, ConnectRequest request, CancellationToken callerLeft)
    {
        var authorization = await _authorization.AuthorizeAsync(CreateContext(connection, request, callerLeft));
        if (!authorization.IsAllowed)
        {
            return (new(null, authorization.ProxyChallenge is { } challenge
                ? Rejection.Challenge(challenge)
                : Rejection.Of(TunnelOutcome.Denied)), null);
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

    private async Task RejectAsync(ConnectionContext connection, Rejection rejection)
    {
        try
        {
            await connection.Transport.Output.WriteAsync(rejection.Write(_services.TimeProvider.GetUtcNow()));
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            return;
        }

        await LastBytes.DeliverAsync(connection, isEndAwaited: false, _options.LingerTimeout, _services.TimeProvider);
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
