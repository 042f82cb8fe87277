namespace KestrelTlsUpgrade.Internal.Report.Content;

/// <param name="Product">The product that its User-Agent names first; empty if none.</param>
/// <param name="Network">The network that it calls from.</param>
/// <param name="Plaintext">Requests that were answered in clear text.</param>
/// <param name="Upgraded">Requests that arrived in clear text and were answered over TLS.</param>
/// <param name="FailedUpgrades">Upgrades that came to nothing.</param>
/// <param name="Missed">The most requests that came before it had a place in the table.</param>
/// <param name="OffersUpgrade">Whether it has ever asked for an upgrade.</param>
/// <param name="LastSeen">When it last came in clear text.</param>
internal sealed record CallerContent(
    string Product,
    string Network,
    long Plaintext,
    long Upgraded,
    long FailedUpgrades,
    long Missed,
    bool OffersUpgrade,
    DateTimeOffset LastSeen);
