using System.Security.Authentication;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Tries TLS versions after an upgrade, each in its own handshake.</summary>
internal sealed class TlsVersionsStep(ProbeSession session, UpgradeOffer upgrade)
{
    public async Task<IReadOnlyList<TlsVersionResult>> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<TlsVersionResult>();
        foreach (var version in TlsVersions.All)
        {
            results.Add(await TryAsync(version, cancellationToken));
        }

        return results;
    }

    private Task<TlsVersionResult> TryAsync(SslProtocols version, CancellationToken cancellationToken)
    {
        var name = TlsVersions.NameOf(version);
        var outcome = TlsVersionOutcome.Failed;
        return session.AttemptAsync(
            async (connection, token) =>
            {
                await upgrade.MakeAsync(connection, token);
                outcome = TlsVersionOutcome.Refused;
                try
                {
                    var tls = await connection.StartTlsAsync(upgrade.AwareProtocols(session.Target), version, token);
                    return new TlsVersionResult(name, TlsVersionOutcome.Accepted, tls.CipherSuite);
                }
                catch (TlsNotOfferedException)
                {
                    outcome = TlsVersionOutcome.NotTestable;
                    throw;
                }
            },
            error => new TlsVersionResult(name, outcome, Error: error),
            cancellationToken);
    }
}
