using KestrelTlsUpgrade.Internal.Telemetry;

namespace KestrelTlsUpgrade.Internal.Health;

/// <summary>The TLS handshakes of the last five minutes.</summary>
/// <param name="All">The number of handshakes.</param>
/// <param name="Failed">The number that failed.</param>
/// <param name="Causes">The causes of failure and their numbers, the most common first.</param>
/// <param name="Callers">The handshakes of each caller.</param>
internal sealed record HandshakeSummary(
    long All, long Failed, IReadOnlyList<(FailureCause Cause, long Count)> Causes, IReadOnlyCollection<CallerHandshakes> Callers)
{
    /// <summary>The number of callers whose own failure rate exceeds this one.</summary>
    public int CountFailing(double rate) => Callers.Count(caller => caller.Failed > rate * caller.All);
}

/// <summary>The handshakes of one caller.</summary>
internal readonly record struct CallerHandshakes(long All, long Failed)
{
    public CallerHandshakes Add(long all, long failed) => new(All + all, Failed + failed);
}
