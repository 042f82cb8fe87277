using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>Runs nothing until it is told to: what comes between a wake-up and the code that is woken up is the test's.</summary>
internal sealed class QueueScheduler : PipeScheduler
{
    private readonly Queue<(Action<object?> Action, object? State)> _queue = new();

    public override void Schedule(Action<object?> action, object? state) => _queue.Enqueue((action, state));

    public void Run()
    {
        while (_queue.TryDequeue(out var next))
        {
            next.Action(next.State);
        }
    }
}
