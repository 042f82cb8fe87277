using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Runs work that may never end, such as reading a file of a hung network mount, on threads that can be given up. They neither keep the
/// process alive nor are missing from the thread pool.
/// </summary>
internal sealed class DetachedWork : IDisposable
{
    private readonly ConcurrentBag<Worker> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Runs work, and waits for its end. Throws what it throws.</summary>
    /// <param name="work">The work.</param>
    /// <param name="limit">How long to wait.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>False if the work has not ended in time. It goes on, and nobody waits for it.</returns>
    /// <exception cref="OperationCanceledException">The waiting was stopped.</exception>
    public bool TryRun(Action work, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!_idle.TryTake(out var worker))
        {
            worker = new Worker();
        }

        var run = worker.Run(work);
        var hasEnded = false;
        try
        {
            hasEnded = run.Ended.Wait(limit, cancellationToken);
        }
        finally
        {
            if (hasEnded && !_isDisposed)
            {
                _idle.Add(worker);
            }
            else
            {
                worker.Stop();
            }
        }

        run.Failure?.Throw();
        return hasEnded;
    }

    /// <summary>Runs work that nobody waits for.</summary>
    public static void Start(Action work)
    {
        var worker = new Worker();
        worker.Run(work);
        worker.Stop();
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var worker))
        {
            worker.Stop();
        }
    }

    /// <summary>One piece of work.</summary>
    private sealed class WorkRun(Action work)
    {
        public ManualResetEventSlim Ended { get; } = new();

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Run()
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                Failure = ExceptionDispatchInfo.Capture(exception);
            }

            Ended.Set();
        }
    }

    /// <summary>A thread that ends once it is stopped and its work is done.</summary>
    private sealed class Worker
    {
        private readonly BlockingCollection<WorkRun> _runs = [];

        public Worker() => new Thread(RunAll) { IsBackground = true, Name = "TLS upgrade certificates" }.Start();

        public WorkRun Run(Action work)
        {
            var run = new WorkRun(work);
            _runs.Add(run);
            return run;
        }

        public void Stop() => _runs.CompleteAdding();

        private void RunAll()
        {
            foreach (var run in _runs.GetConsumingEnumerable())
            {
                run.Run();
            }
        }
    }
}
