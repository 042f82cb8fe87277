using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Probing.Steps;

/// <summary>Tries Upgrade fields, each on its own connection, without continuing to TLS.</summary>
internal sealed class TokensStep(ProbeSession session, ProbeRequest request)
{
    private const string Unknown = "h2c";

    private static readonly string[] Offers =
    [
        "TLS/1.3", "TLS/1.2", "TLS/1.1", "TLS/1.0", "TLS", "tls/1.2", "TLS/1.3, TLS/1.2", "TLS/1.2, HTTP/1.1", "h2c, TLS/1.2", "TLS/9.9", Unknown,
    ];

    public async Task<IReadOnlyList<TokenResult>> RunAsync(CancellationToken cancellationToken)
    {
        var results = new List<TokenResult>();
        foreach (var offer in Offers)
        {
            results.Add(await TryAsync(request, offer, cancellationToken));
        }

        // CUPS looks at the field in one of these requests but not in the other.
        var other = request == ProbeRequest.ServerWide ? new ProbeRequest("GET", session.Target.Path) : ProbeRequest.ServerWide;
        results.Add(await TryAsync(other, Unknown, cancellationToken));
        return results;
    }

    private Task<TokenResult> TryAsync(ProbeRequest with, string offer, CancellationToken cancellationToken)
    {
        var result = new TokenResult($"{with}", offer, NamesTls(offer));
        return session.AttemptAsync(
            async (connection, token) =>
            {
                var head = await connection.OfferAsync(with, offer, token);
                var isAccepted = head.Status == 101;
                return result with { IsAccepted = isAccepted, Status = head.Status, SwitchedTo = isAccepted ? head.Upgrade : null };
            },
            error => result with { Error = error },
            cancellationToken);
    }

    private static bool NamesTls(string offer) =>
        offer.Split(',', StringSplitOptions.TrimEntries).Any(static member => UpgradeTokenText.Parse(member) is not UpgradeToken.None);
}
