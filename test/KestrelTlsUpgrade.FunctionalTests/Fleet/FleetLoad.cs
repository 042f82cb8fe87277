using System.Collections.Concurrent;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>
/// The fleet at work: each caller asks for all it wants, on new connections and on kept ones, again and again. Nobody gets far ahead of the
/// slowest, which leaves the machine to that one.
/// </summary>
internal sealed class FleetLoad : IAsyncDisposable
{
    private const int MaxRoundsAhead = 1;

    private readonly ConcurrentQueue<FleetRequest> _ended = new();
    private readonly FleetCaller[] _callers;
    private readonly int[] _rounds;
    private readonly Task[] _work;
    private TaskCompletionSource _news = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile FleetMoment _moment = FleetMoment.At(null);
    private volatile bool _isOver;

    public FleetLoad(IEnumerable<FleetCaller> callers)
    {
        _callers = [.. callers];
        _rounds = new int[_callers.Length];
        _work = [.. _callers.Select((_, index) => Task.Run(() => WorkAsync(index)))];
    }

    /// <summary>Which step is taken.</summary>
    public FleetMoment Moment
    {
        get => _moment;
        set => _moment = value;
    }

    public IReadOnlyList<FleetCaller> Callers => _callers;

    public IReadOnlyCollection<FleetRequest> Ended => _ended;

    /// <summary>Waits until each caller has asked for everything, in a round that began after now.</summary>
    public async Task ServeAsync()
    {
        // The round that is under way began before.
        int[] goals = [.. _rounds.Select((_, index) => Volatile.Read(ref _rounds[index]) + 2)];
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        await WaitAsync(() => goals.Select((goal, index) => Volatile.Read(ref _rounds[index]) >= goal).All(static isThere => isThere), timeout.Token);
    }

    /// <summary>Asks on behalf of a caller, besides what it asks for anyway.</summary>
    public async Task AskAsync(FleetCaller caller, string path, bool keeps)
    {
        var begun = _moment;
        CallOutcome outcome;
        try
        {
            outcome = await caller.Ask(path, keeps);
        }
        catch (Exception exception)
        {
            outcome = CallOutcome.Of(exception);
        }

        _ended.Enqueue(new(caller, path, keeps, begun, _moment, outcome));
    }

    public async ValueTask DisposeAsync()
    {
        _isOver = true;
        Announce();
        await Task.WhenAll(_work);
    }

    private async Task WorkAsync(int index)
    {
        while (true)
        {
            await WaitAsync(() => _isOver || _rounds[index] <= _rounds.Min() + MaxRoundsAhead, CancellationToken.None);
            if (_isOver)
            {
                return;
            }

            foreach (var keeps in _callers[index].KeepsConnections ? new[] { true, false } : [false])
            {
                foreach (var path in _callers[index].Paths)
                {
                    await AskAsync(_callers[index], path, keeps);
                }
            }

            Interlocked.Increment(ref _rounds[index]);
            Announce();
        }
    }

    private async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var news = Volatile.Read(ref _news).Task;
            if (condition())
            {
                return;
            }

            await news.WaitAsync(cancellationToken);
        }
    }

    private void Announce() =>
        Interlocked.Exchange(ref _news, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
