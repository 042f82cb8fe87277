using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Upgrades a connection all the way to the answer inside TLS, which comes without the request being repeated.</summary>
internal sealed class UpgradeStep(ProbeSession session, UpgradeWay way, string offer)
{
    /// <summary>What a client that knows of the upgrade offers in ALPN.</summary>
    public static readonly string[] AwareProtocols = [AwareClient.AlpnProtocolId, "http/1.1"];

    private readonly ProbeRequest _request =
        way is UpgradeWay.FirstOptions ? ProbeRequest.ServerWide : new ProbeRequest("GET", session.Target.Path);

    public Task<UpgradeResult> RunAsync(CancellationToken cancellationToken)
    {
        var result = new UpgradeResult(way, $"{_request}", offer);
        return session.AttemptAsync(
            async (connection, token) =>
            {
                if (way is UpgradeWay.LaterRequest)
                {
                    await AskBeforeAsync(connection, token);
                }

                var head = await connection.OfferAsync(_request, offer, token);
                result = result with { Outcome = UpgradeOutcome.Refused, Status = head.Status };
                if (head.Status != 101)
                {
                    return result;
                }

                result = result with
                {
                    Outcome = UpgradeOutcome.Broken,
                    SwitchedTo = head.Upgrade,
                    ConnectionNamesUpgrade = head.ConnectionHasUpgrade,
                };
                var tls = await connection.StartTlsAsync(AwareProtocols, TlsVersions.Current, token);
                result = result with { TlsVersion = tls.Version, CipherSuite = tls.CipherSuite };
                var answer = await connection.ReadEncryptedHeadAsync(token);
                return result with { Outcome = UpgradeOutcome.Upgraded, AnswerStatus = answer.Status };
            },
            error => result with { Error = error },
            cancellationToken);
    }

    /// <summary>Its answer has no content, so that it ends with its head (RFC 9110 section 9.3.2).</summary>
    private async Task AskBeforeAsync(ProbeConnection connection, CancellationToken cancellationToken)
    {
        var head = await connection.AskAsync(new ProbeRequest("HEAD", session.Target.Path), cancellationToken);
        if (head.ConnectionHasClose)
        {
            throw new ProbeException($"the server closes the connection after the first answer ({head.Status})");
        }
    }
}
