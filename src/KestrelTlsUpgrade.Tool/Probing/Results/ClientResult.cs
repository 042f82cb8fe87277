namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether a kind of client is served after a 101 that somebody else may have asked for (CVE-2025-49812).</summary>
/// <param name="Client">The kind of client.</param>
/// <param name="Offers">Its ALPN protocols.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Selected">The ALPN protocol that the server selected.</param>
/// <param name="Error">Why it was refused or is unclear.</param>
internal sealed record ClientResult(
    ClientKind Client, IReadOnlyList<string> Offers, ClientOutcome Outcome = ClientOutcome.Unclear, string? Selected = null, string? Error = null);

/// <summary>Kinds of client by what they offer in ALPN.</summary>
internal enum ClientKind
{
    /// <summary>An https client that speaks HTTP/2: <c>h2, http/1.1</c>.</summary>
    Http2,

    /// <summary>An https client that speaks HTTP/1.1 only: <c>http/1.1</c>.</summary>
    Http1,

    /// <summary>No ALPN, as CUPS and old clients of https do it.</summary>
    NoAlpn,

    /// <summary>
    /// One that says it knows of the upgrade, and after which request: <c>http/1.1-upgraded=…, http/1.1-upgraded, http/1.1</c>.
    /// </summary>
    Aware,
}

/// <summary>How a client's handshake after a 101 ended.</summary>
internal enum ClientOutcome
{
    /// <summary>With application data.</summary>
    Answered,

    /// <summary>With an alert, or the end of the connection.</summary>
    Refused,

    /// <summary>With nothing within the timeout, or it did not come to a handshake.</summary>
    Unclear,
}
