using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>
/// Sends a plaintext request right behind the upgrade request, where anyone on the path could inject one, and counts the answers inside
/// TLS. Every request is a HEAD, so that every answer is just a head.
/// </summary>
internal sealed class InjectionStep(ProbeSession session, string offer)
{
    /// <summary>The answers to the upgrade request and to the last request.</summary>
    private const int OwnAnswers = 2;

    private readonly ProbeRequest _request = new("HEAD", session.Target.Path);

    public Task<InjectionResult> RunAsync(CancellationToken cancellationToken)
    {
        var answers = 0;
        return session.AttemptAsync(
            async (connection, token) =>
            {
                byte[] both = [.. _request.ToBytes(session.Target, offer), .. _request.ToBytes(session.Target)];
                await connection.SendAsync(both, token);
                var head = await connection.ReadClearHeadAsync(token);
                if (head.Status != 101)
                {
                    return new InjectionResult(InjectionOutcome.Unclear, $"the server answered {_request} with {head.Status}, not with 101");
                }

                try
                {
                    await connection.StartTlsAsync(_request.AwareProtocols(session.Target, offer), TlsVersions.Current, token);
                    await connection.SendAsync(_request.ToBytes(session.Target, closes: true), token);
                    while (answers <= OwnAnswers && await connection.TryReadEncryptedHeadAsync(token) is { } answer)
                    {
                        answers += answer.IsInterim ? 0 : 1;
                    }
                }
                catch (Exception exception) when (!token.IsCancellationRequested && FailureText.TryDescribe(exception) is { } line)
                {
                    return Judge(connection, answers, line);
                }

                return Judge(connection, answers, error: null);
            },
            error => answers == OwnAnswers
                ? new InjectionResult(InjectionOutcome.Dropped)
                : new InjectionResult(InjectionOutcome.Unclear, error),
            cancellationToken);
    }

    private static InjectionResult Judge(ProbeConnection connection, int answers, string? error)
    {
        if (answers > OwnAnswers || connection.GotClearAnswerForTls)
        {
            return new InjectionResult(InjectionOutcome.Executed);
        }

        return answers == OwnAnswers
            ? new InjectionResult(InjectionOutcome.Dropped)
            : new InjectionResult(InjectionOutcome.Refused, error ?? "the server ended the connection");
    }
}
