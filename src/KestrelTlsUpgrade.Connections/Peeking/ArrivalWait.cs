using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Connections.Peeking;

/// <summary>
/// Ends the wait for the first bytes of a connection when Kestrel would have ended it: after its keep-alive timeout, or when
/// the server shuts down. Driven by Kestrel's heartbeat, so that a waiting connection costs no timer.
/// </summary>
internal sealed class ArrivalWait
{
    private const int Waiting = 0;
    private const int Over = 1;
    private const int TimedOut = 2;
    private const int ShutDown = 3;

    private readonly PipeReader _input;
    private readonly TimeProvider _timeProvider;
    private CancellationTokenRegistration _shutdown;
    private long _deadline;
    private int _state;

    private ArrivalWait(PipeReader input, TimeSpan timeout, TimeProvider timeProvider)
    {
        _input = input;
        _timeProvider = timeProvider;
        Restart(timeout);
    }

    /// <summary>Whether the wait ended because the time was up.</summary>
    public bool IsTimedOut => Volatile.Read(ref _state) == TimedOut;

    /// <summary>Whether the wait was given up, by timeout or shutdown.</summary>
    public bool IsGivenUp => Volatile.Read(ref _state) is TimedOut or ShutDown;

    public static ArrivalWait Start(ConnectionContext connection, TimeSpan timeout, TimeProvider timeProvider)
    {
        var wait = new ArrivalWait(connection.Transport.Input, timeout, timeProvider);
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((ArrivalWait)state).OnHeartbeat(), wait);
        if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            wait._shutdown = lifetime.ConnectionClosedRequested.UnsafeRegister(
                static state => ((ArrivalWait)state!).GiveUp(ShutDown), wait);
        }

        return wait;
    }

    /// <summary>Starts the time again.</summary>
    public void Restart(TimeSpan timeout)
    {
        // Kestrel represents an infinite timeout by TimeSpan.MaxValue.
        var ticks = timeout.TotalSeconds * _timeProvider.TimestampFrequency;
        var deadline = ticks < long.MaxValue / 2 ? _timeProvider.GetTimestamp() + (long)ticks : long.MaxValue;
        Volatile.Write(ref _deadline, deadline);
    }

    /// <summary>Ends the wait, after bytes have arrived or it was given up.</summary>
    public void End()
    {
        _shutdown.Dispose();
        Interlocked.CompareExchange(ref _state, Over, Waiting);
    }

    private void OnHeartbeat()
    {
        if (Volatile.Read(ref _state) == Waiting
            && _timeProvider.GetTimestamp() > Volatile.Read(ref _deadline)
            && !Debugger.IsAttached)
        {
            GiveUp(TimedOut);
        }
    }

    private void GiveUp(int state)
    {
        if (Interlocked.CompareExchange(ref _state, state, Waiting) == Waiting)
        {
            _input.CancelPendingRead();
        }
    }
}
