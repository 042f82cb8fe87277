namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>
/// Threads for calls that block. The thread pool, on which requests are served, has few threads and adds more only slowly. A thread starts
/// when all others are busy, and ends after being idle for a while.
/// </summary>
/// <param name="start">Starts a thread.</param>
/// <param name="idleTime">How long an idle thread waits for another call.</param>
internal sealed class BlockingThreads(Action<ThreadStart> start, TimeSpan idleTime)
{
    private readonly object _lock = new();
    private readonly Queue<Action> _calls = [];
    private int _threads;
    private int _idle;

    public BlockingThreads(string name, TimeSpan idleTime)
        : this(work => new Thread(work) { IsBackground = true, Name = name }.UnsafeStart(), idleTime)
    {
    }

    /// <summary>The number of threads.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _threads;
            }
        }
    }

    /// <param name="call">The call. It must not throw.</param>
    /// <exception cref="OutOfMemoryException">There is no thread, and the system has none left.</exception>
    public void Run(Action call)
    {
        lock (_lock)
        {
            _calls.Enqueue(call);
            if (_calls.Count <= _idle)
            {
                Monitor.Pulse(_lock);
                return;
            }

            _threads++;
            try
            {
                start(Work);
            }
            catch (OutOfMemoryException)
            {
                // The call waits for one of the threads that there are.
                if (--_threads == 0)
                {
                    _calls.Clear();
                    throw;
                }
            }
        }
    }

    private void Work()
    {
        while (Take() is { } call)
        {
            call();
        }
    }

    /// <summary>The next call; <see langword="null"/> if there has been none for too long.</summary>
    private Action? Take()
    {
        lock (_lock)
        {
            if (_calls.Count == 0)
            {
                _idle++;
                Monitor.Wait(_lock, idleTime);
                _idle--;
            }

            if (_calls.TryDequeue(out var call))
            {
                return call;
            }

            _threads--;
            return null;
        }
    }
}
