using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>
/// Performs the handshakes that an attacker could relay after a 101: those of https clients that do not know the upgrade (Opossum,
/// CVE-2025-49812).
/// </summary>
internal sealed class ClientsStep(ProbeSession session, UpgradeOffer upgrade)
{
    private readonly (ClientKind Kind, IReadOnlyList<string> Offers)[] _clients =
    [
        (ClientKind.Http2, ["h2", "http/1.1"]),
        (ClientKind.Http1, ["http/1.1"]),
        (ClientKind.NoAlpn, []),
        (ClientKind.Aware, upgrade.AwareProtocols(session.Target)),
    ];

    public async Task<IReadOnlyList<ClientResult>> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<ClientResult>();
        foreach (var (kind, offers) in _clients)
        {
            results.Add(await TryAsync(new ClientResult(kind, offers), cancellationToken));
        }

        return results;
    }

    private Task<ClientResult> TryAsync(ClientResult result, CancellationToken cancellationToken) => session.AttemptAsync(
        async (connection, token) =>
        {
            await upgrade.MakeAsync(connection, token);
            try
            {
                var tls = await connection.StartTlsAsync(result.Offers, TlsVersions.Current, token);
                result = result with { Selected = tls.ApplicationProtocol };
                return await connection.HasApplicationDataAsync(token)
                    ? result with { Outcome = ClientOutcome.Answered }
                    : result with { Outcome = ClientOutcome.Refused, Error = "the server ended the connection without application data" };
            }
            catch (Exception exception) when (!token.IsCancellationRequested && FailureText.TryDescribe(exception) is { } line)
            {
                return result with { Outcome = ClientOutcome.Refused, Error = line };
            }
        },
        error => result with { Error = error },
        cancellationToken);
}
