using System.Globalization;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>
/// Sends a plaintext request right behind the upgrade request, where anyone on the path could inject one, and finds out which requests are
/// answered inside TLS. Only what no other request can have caused counts as safe, or as executed.
/// </summary>
/// <param name="session">The server and the settings.</param>
/// <param name="upgrades">The upgrade requests to try it behind. The worst outcome counts.</param>
internal sealed class InjectionStep(ProbeSession session, IReadOnlyList<UpgradeOffer> upgrades)
{
    /// <summary>The request in clear text. The server's log shows by its query whether it was executed.</summary>
    private readonly ProbeRequest _injected = new(
        "HEAD", $"{session.Target.Path}{(session.Target.Path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}tls-upgrade=injected");

    /// <summary>The request inside TLS. It has no Host, so that its answer is a 400, which is not the answer to the other one.</summary>
    private readonly byte[] _own = new ProbeRequest("HEAD", session.Target.Path).ToBytesWithoutHost();

    public async Task<InjectionResult> RunAsync(CancellationToken cancellationToken)
    {
        var worst = await TryAsync(upgrades[0], cancellationToken);
        foreach (var upgrade in upgrades.Skip(1))
        {
            if (worst.Outcome is not InjectionOutcome.Executed && await TryAsync(upgrade, cancellationToken) is var other && other.Outcome > worst.Outcome)
            {
                worst = other;
            }
        }

        return worst;
    }

    private async Task<InjectionResult> TryAsync(UpgradeOffer upgrade, CancellationToken cancellationToken)
    {
        var heard = await ListenAsync(upgrade, _injected.ToBytes(session.Target), _own, cancellationToken);
        return heard switch
        {
            { IsClear: true } => Result(InjectionOutcome.Executed),
            { Refusal: { } line } => Result(InjectionOutcome.Refused, line),
            { Error: { } line } => Result(InjectionOutcome.Unclear, line),
            { Early.Count: > 0 } or { Late.Count: > 1 } => await CompareCountAsync(),
            { Late: [var status] } => await CompareStatusAsync(status),
            _ => Result(InjectionOutcome.Unclear, $"after its answer to {upgrade} the server answers nothing, and may have executed the clear text unseen"),
        };

        InjectionResult Result(InjectionOutcome outcome, string? error = null) => new(outcome, $"{upgrade}", error);

        // There was an answer more than requests inside TLS. Some servers send one without any clear text, as cupsd does after a HEAD.
        async Task<InjectionResult> CompareCountAsync()
        {
            var without = await ListenAsync(upgrade, [], _own, cancellationToken);
            return without is { Error: null, Refusal: null, Early.Count: 0, Late.Count: <= 1 }
                ? Result(InjectionOutcome.Executed)
                : Result(InjectionOutcome.Unclear, without.Error ?? without.Refusal ?? "the server also sends too many answers if there is no clear text");
        }

        // There was one answer, and two requests that it can be to.
        async Task<InjectionResult> CompareStatusAsync(int status)
        {
            var own = await ListenAsync(upgrade, [], _own, cancellationToken);
            var injected = await ListenAsync(upgrade, [], _injected.ToBytes(session.Target), cancellationToken);
            return (own.Late, injected.Late) is ([var toOwn], [var toInjected]) && toOwn != toInjected && (status == toOwn || status == toInjected)
                ? Result(status == toOwn ? InjectionOutcome.Dropped : InjectionOutcome.Executed)
                : Result(
                    InjectionOutcome.Unclear,
                    string.Create(CultureInfo.InvariantCulture, $"an answer inside TLS ({status}) may be to the clear text"));
        }
    }

    /// <summary>Upgrades, waits for quiet after the answer to the upgrade request, and sends a request inside TLS.</summary>
    private Task<Heard> ListenAsync(UpgradeOffer upgrade, byte[] behind, byte[] inside, CancellationToken cancellationToken) => session.AttemptAsync(
        async (connection, token) =>
        {
            await upgrade.MakeAsync(connection, token, behind);
            ResponseHead answer;
            try
            {
                await connection.StartTlsAsync(upgrade.AwareProtocols(session.Target), TlsVersions.Current, token);
                answer = await connection.ReadEncryptedHeadAsync(token);
            }
            catch (Exception exception) when (!token.IsCancellationRequested && FailureText.TryDescribe(exception) is { } line)
            {
                return new Heard { Refusal = line, IsClear = connection.GotClearAnswerForTls };
            }

            await connection.SkipEncryptedContentAsync(answer, token);
            var early = new AnswerLog(connection, session);
            await early.ReadAsync(session.Quiet, token);
            if (early.HasEnded || early.Statuses.Count > 0)
            {
                return new Heard { Early = early.Statuses };
            }

            return new Heard { Late = await AskAsync(connection, early, inside, token) };
        },
        static error => new Heard { Error = error },
        cancellationToken);

    private async Task<IReadOnlyList<int>> AskAsync(ProbeConnection connection, AnswerLog log, byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            await connection.SendAsync(request, cancellationToken);
        }
        catch (IOException)
        {
            // The server has just ended the connection, which reading shows as well.
        }

        await log.ReadAsync(session.Settings.Timeout, cancellationToken);
        return log.Statuses;
    }

    /// <summary>What a server did after a 101.</summary>
    private sealed record Heard
    {
        /// <summary>Whether the server went on in clear text.</summary>
        public bool IsClear { get; init; }

        /// <summary>How the connection ended before the upgrade request was answered.</summary>
        public string? Refusal { get; init; }

        /// <summary>Why nothing is known.</summary>
        public string? Error { get; init; }

        /// <summary>The answers after that to the upgrade request, before there was a request inside TLS.</summary>
        public IReadOnlyList<int> Early { get; init; } = [];

        /// <summary>The answers after the request inside TLS.</summary>
        public IReadOnlyList<int> Late { get; init; } = [];
    }
}
