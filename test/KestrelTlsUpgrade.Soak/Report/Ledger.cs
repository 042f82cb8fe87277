using KestrelTlsUpgrade.Soak.Load;

namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>What was sent and what came of it. Tells problems as they occur, too.</summary>
internal sealed class Ledger
{
    private const int MostProblems = 100;

    private readonly Dictionary<ConnectionKind, KindAccount> _kinds =
        Enum.GetValues<ConnectionKind>().ToDictionary(static kind => kind, static _ => new KindAccount());

    private readonly List<string> _problems = [];
    private long _sent;

    public long Sent => Interlocked.Read(ref _sent);

    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_problems)
            {
                return [.. _problems];
            }
        }
    }

    /// <summary>Counts a request that the server is about to get.</summary>
    public void AddSent() => Interlocked.Increment(ref _sent);

    /// <summary>Counts a response that was all that it must be.</summary>
    public void AddResponse(ConnectionKind kind, TimeSpan time) => _kinds[kind].AddResponse(time);

    public void AddFailure(ConnectionKind kind, string step, Exception exception)
    {
        _kinds[kind].AddFailure();
        AddProblem($"{kind}: {step}: {exception.GetType().Name}: {exception.GetBaseException().Message}");
    }

    /// <summary>Notes what must not be, whether it belongs to a request or not.</summary>
    public void AddProblem(string problem)
    {
        lock (_problems)
        {
            // A server that is gone makes thousands.
            if (_problems.Count < MostProblems)
            {
                _problems.Add(problem);
                Console.Error.WriteLine($"{DateTimeOffset.UtcNow:HH:mm:ss} {problem}");
            }
        }
    }

    public IReadOnlyList<KindReport> GetKinds() => [.. _kinds.Select(static kind => kind.Value.ToReport(kind.Key.ToString()))];
}
