using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Makes the server close an upgraded connection. The answer before that does not matter.</summary>
internal sealed class ClosureStep(ProbeSession session, UpgradeOffer upgrade)
{
    public Task<ClosureResult> RunAsync(CancellationToken cancellationToken) => session.AttemptAsync(
        async (connection, token) =>
        {
            await upgrade.MakeAsync(connection, token);
            await connection.StartTlsAsync(upgrade.AwareProtocols(session.Target), TlsVersions.Current, token);
            await connection.SendAsync(new ProbeRequest("HEAD", session.Target.Path).ToBytes(session.Target, closes: true), token);
            try
            {
                return new ClosureResult(
                    await connection.EndsWithCloseNotifyAsync(token) ? ClosureOutcome.CloseNotify : ClosureOutcome.WithoutCloseNotify);
            }
            catch (IOException exception) when (!token.IsCancellationRequested)
            {
                return new ClosureResult(ClosureOutcome.WithoutCloseNotify, FailureText.TryDescribe(exception));
            }
        },
        static error => new ClosureResult(ClosureOutcome.Unclear, error),
        cancellationToken);
}
