using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Sends a plaintext request without an offer.</summary>
internal sealed class PlainRequestStep(ProbeSession session)
{
    public Task<PlainRequestResult> RunAsync(CancellationToken cancellationToken)
    {
        var request = new ProbeRequest("GET", session.Target.Path);
        return session.AttemptAsync(
            async (connection, token) =>
            {
                var head = await connection.AskAsync(request, token);
                return new PlainRequestResult($"{request}", head.Status, head.Reason, head.Server, head.Status == 426, head.Upgrade);
            },
            error => new PlainRequestResult($"{request}", Error: error),
            cancellationToken);
    }
}
