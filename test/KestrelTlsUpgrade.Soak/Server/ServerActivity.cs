using System.Diagnostics;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>What the server has done and is doing.</summary>
internal sealed class ServerActivity
{
    private long _begun;
    private long _finished;
    private long _accepted;
    private long _connections;
    private long _tunnels;
    private int _held;
    private long _lastActivity = Stopwatch.GetTimestamp();

    /// <summary>Whether the server is about to stop: connections in use are told so by their next response.</summary>
    public volatile bool IsDraining;

    public long Begun => Interlocked.Read(ref _begun);

    public long Finished => Interlocked.Read(ref _finished);

    /// <summary>Requests that end after the server's stop has begun.</summary>
    public int Held => Volatile.Read(ref _held);

    public long Accepted => Interlocked.Read(ref _accepted);

    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>Completes when the server's stop is about to begin.</summary>
    public TaskCompletionSource Stop { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long there has been nothing but idle connections, and requests that wait for the stop.</summary>
    public TimeSpan Quiet => Begun == Finished + Held && Interlocked.Read(ref _tunnels) == 0
        ? Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastActivity))
        : TimeSpan.Zero;

    public void Accept()
    {
        Interlocked.Increment(ref _accepted);
        Interlocked.Increment(ref _connections);
        Touch();
    }

    public void Close() => Interlocked.Decrement(ref _connections);

    public async Task CountTunnelAsync(Func<Task> serve)
    {
        Interlocked.Increment(ref _tunnels);
        try
        {
            await serve();
        }
        finally
        {
            Interlocked.Decrement(ref _tunnels);
            Touch();
        }
    }

    public void Begin()
    {
        Interlocked.Increment(ref _begun);
        Touch();
    }

    /// <summary>Waits until the server is stopping.</summary>
    public async Task HoldAsync()
    {
        Interlocked.Increment(ref _held);
        await Stop.Task;
        await Task.Delay(TimeSpan.FromSeconds(1));
        Interlocked.Decrement(ref _held);
    }

    public void Finish()
    {
        Interlocked.Increment(ref _finished);
        Touch();
    }

    public void Touch() => Interlocked.Exchange(ref _lastActivity, Stopwatch.GetTimestamp());
}
