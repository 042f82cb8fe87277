using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Upgrades a connection completely, up to the answer inside TLS, which arrives without the request being repeated.</summary>
internal sealed class UpgradeStep(ProbeSession session, UpgradeWay way, string offer)
{
    private readonly ProbeRequest _request =
        way is UpgradeWay.FirstOptions ? ProbeRequest.ServerWide : new ProbeRequest("GET", session.Target.Path);

    public async Task<UpgradeResult> RunAsync(CancellationToken cancellationToken)
    {
        if (way is not UpgradeWay.LaterRequest)
        {
            return await RunAsync(before: null, cancellationToken);
        }

        // The answer to HEAD is just a head. But after a HEAD, unlike OPTIONS, CUPS closes, or answers the next request with 404.
        var result = await RunAsync(new ProbeRequest("HEAD", session.Target.Path), cancellationToken);
        if (result.Status == 101)
        {
            return result;
        }

        var other = await RunAsync(ProbeRequest.ServerWide, cancellationToken);
        return other.Status == 101 || (result.Status is null && other.Status is not null) ? other : result;
    }

    private Task<UpgradeResult> RunAsync(ProbeRequest? before, CancellationToken cancellationToken)
    {
        var upgrade = new UpgradeOffer(_request, offer, before);
        var result = new UpgradeResult(way, $"{_request}", offer) { Before = before };
        return session.AttemptAsync(
            async (connection, token) =>
            {
                var head = await upgrade.SendAsync(connection, token);
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
                var tls = await connection.StartTlsAsync(upgrade.AwareProtocols(session.Target), TlsVersions.Current, token);
                result = result with { TlsVersion = tls.Version, CipherSuite = tls.CipherSuite };
                var answer = await connection.ReadEncryptedHeadAsync(token);
                return result with { Outcome = UpgradeOutcome.Upgraded, AnswerStatus = answer.Status };
            },
            error => result with { Error = error },
            cancellationToken);
    }
}
