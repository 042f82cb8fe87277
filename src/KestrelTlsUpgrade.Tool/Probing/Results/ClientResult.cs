namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether a kind of client is served after a 101 that somebody else may have asked for (CVE-2025-49812).</summary>
/// <param name="Client">The kind of client.</param>
/// <param name="Offers">Its ALPN protocols.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Selected">The ALPN protocol that the server selected.</param>
/// <param name="Error">Why it was refused or is unclear.</param>
internal sealed record ClientResult(
    ClientKind Client, IReadOnlyList<string> Offers, ClientOutcome Outcome = ClientOutcome.Unclear, string? Selected = null, string? Error = null);
