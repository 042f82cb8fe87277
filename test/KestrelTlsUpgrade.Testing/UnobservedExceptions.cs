using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The exceptions of tasks that nobody looks at, in the whole process. An application may end because of one.</summary>
internal sealed class UnobservedExceptions : IDisposable
{
    private readonly ConcurrentQueue<Exception> _all = new();

    public UnobservedExceptions() => TaskScheduler.UnobservedTaskException += OnUnobserved;

    /// <summary>Collects the tasks that are over, and returns what nobody has seen since the beginning.</summary>
    public IReadOnlyCollection<Exception> Find()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return _all;
    }

    /// <summary>Waits until every task that has failed with an exception is gone, and fails if one of them went unobserved.</summary>
    /// <param name="fail">Makes the tasks fail. Nobody else may hold on to what it returns.</param>
    public Task VerifyAsync(Func<Exception> fail)
    {
        var (message, exception) = Begin(fail);
        return Settling.UntilAsync(
            () => Find().FirstOrDefault(found => found.ToString().Contains(message, StringComparison.Ordinal)) is { } found
                ? throw new InvalidOperationException("Nobody has observed it.", found)
                : !exception.IsAlive,
            () => "The exception is still held.");
    }

    /// <summary>Forgets what has been found.</summary>
    public void Clear()
    {
        Find();
        _all.Clear();
    }

    public void Dispose() => TaskScheduler.UnobservedTaskException -= OnUnobserved;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (string Message, WeakReference Exception) Begin(Func<Exception> fail)
    {
        var exception = fail();
        return (exception.Message, new WeakReference(exception));
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => _all.Enqueue(e.Exception);
}
