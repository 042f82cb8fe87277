using KestrelTlsUpgrade.Soak.Report;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>Connections that are held.</summary>
internal sealed class IdleConnections(Target target, Ledger ledger)
{
    private const int AtATime = 16;

    private readonly List<ConnectionSession> _sessions = [];

    public int Count => _sessions.Count;

    /// <summary>Opens that many, each with a first request.</summary>
    public async Task OpenAsync(ConnectionKind kind, int count)
    {
        var sessions = Enumerable.Range(0, count).Select(_ => new ConnectionSession(kind, target, ledger)).ToArray();
        await ForEachAsync(kind, sessions, static session => session.OpenAsync());
        _sessions.AddRange(sessions);
    }

    /// <summary>Has a request answered on each.</summary>
    public Task UseAsync() => ForEachAsync(ConnectionKind.Idle, _sessions, static session => session.AskAsync());

    /// <summary>Waits for the server to close each.</summary>
    public Task CloseAtServerAsync() => ForEachAsync(ConnectionKind.Idle, _sessions, static session => session.CloseAtServerAsync());

    public async Task CloseAsync()
    {
        foreach (var session in _sessions)
        {
            await session.DisposeAsync();
        }

        _sessions.Clear();
    }

    private Task ForEachAsync(ConnectionKind kind, IEnumerable<ConnectionSession> sessions, Func<ConnectionSession, Task> act) =>
        Parallel.ForEachAsync(sessions, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (session, _) =>
        {
            try
            {
                await act(session);
            }
            catch (Exception exception)
            {
                ledger.AddFailure(kind, session.Step, exception);
            }
        });
}
