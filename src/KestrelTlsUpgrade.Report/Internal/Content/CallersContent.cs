namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="Capacity">The most callers that are remembered.</param>
/// <param name="Displaced">How often one with few requests has lost its place to another.</param>
/// <param name="All">Those that have been answered in clear text or have failed to upgrade, the one with the most requests first.</param>
internal sealed record CallersContent(int Capacity, long Displaced, IReadOnlyList<CallerContent> All);

/// <param name="Product">The product that its User-Agent names first; empty if none.</param>
/// <param name="Network">The network that it calls from.</param>
/// <param name="Plaintext">Requests that were answered in clear text.</param>
/// <param name="Upgraded">Requests that arrived in clear text and were answered over TLS.</param>
/// <param name="FailedUpgrades">Upgrades that came to nothing.</param>
/// <param name="Missed">The most requests that came before it had a place in the table.</param>
/// <param name="OffersUpgrade">Whether it has ever asked for an upgrade.</param>
/// <param name="LastSeen">When it last came in clear text.</param>
/// <param name="LastPlaintext">When it was last answered in clear text, if ever.</param>
internal sealed record CallerContent(
    string Product,
    string Network,
    long Plaintext,
    long Upgraded,
    long FailedUpgrades,
    long Missed,
    bool OffersUpgrade,
    DateTimeOffset LastSeen,
    DateTimeOffset? LastPlaintext)
{
    /// <summary>Whether it has been answered in clear text since then.</summary>
    public bool HasSpokenPlaintext(DateTimeOffset since) => LastPlaintext >= since;

    /// <summary>Whether the operator should still look at it. Old plaintext and failures stop counting.</summary>
    public bool IsOfConcern(DateTimeOffset since) => HasSpokenPlaintext(since) || (FailedUpgrades > 0 && LastSeen >= since);
}
