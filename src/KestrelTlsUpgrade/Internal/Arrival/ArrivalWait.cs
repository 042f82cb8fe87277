using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Arrival;

/// <summary>
/// Ends the wait for the first bytes of a connection when Kestrel would have ended it: after its keep-alive timeout, or when
/// the server shuts down. Driven by Kestrel's heartbeat, so that a waiting connection costs no timer.
/// </summary>
internal sealed class ArrivalWait
{
    private const int Waiting = 0;
    private const int Arrived = 1;
    private const int GivenUp = 2;

    private readonly PipeReader _input;
    private readonly IConnectionMetricsTagsFeature? _metricsTags;
    private readonly TimeProvider _timeProvider;
    private CancellationTokenRegistration _shutdown;
    private TimeSpan _timeout;
    private string _timeoutReason = "keep_alive_timeout";
    private long _start;
    private int _state;

    private ArrivalWait(ConnectionContext connection, TimeSpan timeout, TimeProvider timeProvider)
    {
        _input = connection.Transport.Input;
        _metricsTags = connection.Features.Get<IConnectionMetricsTagsFeature>();
        _timeProvider = timeProvider;
        _timeout = timeout;
        _start = timeProvider.GetTimestamp();
    }

    public static ArrivalWait Start(ConnectionContext connection, TimeSpan timeout, TimeProvider timeProvider)
    {
        var wait = new ArrivalWait(connection, timeout, timeProvider);
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((ArrivalWait)state).OnHeartbeat(), wait);
        if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            wait._shutdown = lifetime.ConnectionClosedRequested.UnsafeRegister(static state => ((ArrivalWait)state!).TryGiveUp(), wait);
        }

        return wait;
    }

    /// <summary>Whether the connection is to be closed.</summary>
    public bool IsGivenUp => Volatile.Read(ref _state) == GivenUp;

    /// <summary>The client has begun to speak, which starts another of Kestrel's timeouts.</summary>
    public void Continue(TimeSpan timeout)
    {
        _start = _timeProvider.GetTimestamp();
        _timeout = timeout;
        _timeoutReason = "request_headers_timeout";
    }

    /// <summary>Ends the wait. False if it was given up: the connection is then to be closed.</summary>
    public bool TryComplete()
    {
        _shutdown.Dispose();
        return Interlocked.CompareExchange(ref _state, Arrived, Waiting) == Waiting;
    }

    private void OnHeartbeat()
    {
        if (Volatile.Read(ref _state) == Waiting
            && _timeProvider.GetElapsedTime(_start) > _timeout
            && !Debugger.IsAttached
            && TryGiveUp())
        {
            _metricsTags?.Tags.Add(new("error.type", _timeoutReason));
        }
    }

    private bool TryGiveUp()
    {
        if (Interlocked.CompareExchange(ref _state, GivenUp, Waiting) != Waiting)
        {
            return false;
        }

        _input.CancelPendingRead();
        return true;
    }
}
