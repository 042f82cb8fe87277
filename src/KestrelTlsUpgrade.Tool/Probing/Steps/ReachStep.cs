using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Connects.</summary>
internal sealed class ReachStep(ProbeSession session)
{
    public Task<ReachResult> RunAsync(CancellationToken cancellationToken) => session.AttemptAsync(
        static (connection, _) => Task.FromResult(new ReachResult(IsReachable: true, connection.Address)),
        static error => new ReachResult(IsReachable: false, Error: error),
        cancellationToken);
}
