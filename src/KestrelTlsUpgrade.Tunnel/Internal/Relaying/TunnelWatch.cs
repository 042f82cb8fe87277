using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// Ends a tunnel that is idle for too long, whose server stops, or one side of which has left while the other takes nothing. Driven by
/// Kestrel's heartbeat, which only compares counters: a tunnel needs no timer, and relaying never reads the clock.
/// </summary>
internal sealed class TunnelWatch
{
    private const int Standing = -1;

    private readonly ConnectionContext _connection;
    private readonly Upstream _upstream;
    private readonly TunnelFeature _traffic;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _linger;
    private CancellationTokenRegistration _shutdown;
    private long _allowedTicks;
    private long _seen;
    private long _since;
    private bool _isCallerUnread;
    private bool _isDestinationUnread;
    private bool _isDestinationBroken;
    private int _outcome = Standing;

    private TunnelWatch(
        ConnectionContext connection, Upstream upstream, TunnelFeature traffic, ConnectTunnelOptions options, TimeProvider timeProvider)
    {
        _connection = connection;
        _upstream = upstream;
        _traffic = traffic;
        _timeProvider = timeProvider;
        _linger = options.LingerTimeout;
        _allowedTicks = options.IdleTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : options.IdleTimeout.Ticks;
        _since = timeProvider.GetTimestamp();
    }

    /// <summary>How the tunnel ended.</summary>
    public TunnelOutcome Outcome => (TunnelOutcome)Volatile.Read(ref _outcome);

    /// <summary>Set while nothing is read from the caller, so that a reset would go unnoticed.</summary>
    public bool IsCallerUnread
    {
        set => Volatile.Write(ref _isCallerUnread, value);
    }

    /// <summary>Set while nothing is read from the destination.</summary>
    public bool IsDestinationUnread
    {
        set => Volatile.Write(ref _isDestinationUnread, value);
    }

    public static TunnelWatch Start(
        ConnectionContext connection, Upstream upstream, TunnelFeature traffic, ConnectTunnelOptions options, TimeProvider timeProvider)
    {
        var watch = new TunnelWatch(connection, upstream, traffic, options, timeProvider);
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((TunnelWatch)state).OnHeartbeat(), watch);
        if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            watch._shutdown = lifetime.ConnectionClosedRequested.UnsafeRegister(
                static state => ((TunnelWatch)state!).Stop(TunnelOutcome.ServerStopped), watch);
        }

        traffic.OnAbort(() => watch.Stop(TunnelOutcome.Aborted));
        return watch;
    }

    /// <summary>The caller has ended its side: the rest of the tunnel is subject to the linger timeout.</summary>
    public void CallerEnded()
    {
        IsCallerUnread = true;
        Volatile.Write(ref _allowedTicks, Math.Min(Volatile.Read(ref _allowedTicks), _linger.Ticks));
    }

    /// <summary>The destination takes nothing more. What it has sent is delivered, if the caller takes it.</summary>
    public void DestinationFailed() => Volatile.Write(ref _isDestinationBroken, true);

    /// <summary>Ends the tunnel, waking both directions and closing the destination. The first reason counts.</summary>
    public void Stop(TunnelOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _outcome, (int)outcome, Standing) != Standing)
        {
            return;
        }

        _connection.Transport.Input.CancelPendingRead();
        _connection.Transport.Output.CancelPendingFlush();
        if (outcome is TunnelOutcome.Completed)
        {
            _upstream.Dispose();
        }
        else
        {
            _upstream.Reset();
        }
    }

    /// <summary>The tunnel has ended; the linger timeout applies to the connection from now on.</summary>
    public void End() => _shutdown.Dispose();

    private void OnHeartbeat()
    {
        if (Volatile.Read(ref _outcome) != Standing)
        {
            return;
        }

        var total = _traffic.BytesSent + _traffic.BytesReceived;
        if (total != _seen)
        {
            _seen = total;
            _since = _timeProvider.GetTimestamp();
        }
        else if (HasCallerLeft())
        {
            Stop(TunnelOutcome.CallerAborted);
        }
        else if (HasDestinationLeft())
        {
            Stop(TunnelOutcome.DestinationAborted);
        }
        else if (_timeProvider.GetElapsedTime(_since).Ticks > Volatile.Read(ref _allowedTicks))
        {
            Stop(TunnelOutcome.IdleTimeout);
        }
    }

    private bool HasCallerLeft() =>
        Volatile.Read(ref _isCallerUnread) && BrokenSocket.IsBroken(_connection.Features.Get<IConnectionSocketFeature>()?.Socket);

    private bool HasDestinationLeft() =>
        Volatile.Read(ref _isDestinationUnread) && (Volatile.Read(ref _isDestinationBroken) || _upstream.IsBroken);
}
