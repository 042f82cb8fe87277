namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether a kind of client is served after a 101 that an attacker may have requested (CVE-2025-49812).</summary>
/// <param name="Client">The kind of client.</param>
/// <param name="Offers">Its ALPN protocols.</param>
/// <param name="Outcome">How its handshake ended.</param>
/// <param name="Selected">The ALPN protocol that the server selected.</param>
/// <param name="Error">Why it was refused or is unclear.</param>
internal sealed record ClientResult(
    ClientKind Client, IReadOnlyList<string> Offers, ClientOutcome Outcome = ClientOutcome.Unclear, string? Selected = null, string? Error = null);

/// <summary>Kinds of clients, by the ALPN protocols that they offer.</summary>
internal enum ClientKind
{
    /// <summary>An https client that speaks HTTP/2: <c>h2, http/1.1</c>.</summary>
    Http2,

    /// <summary>An https client that speaks HTTP/1.1 only: <c>http/1.1</c>.</summary>
    Http1,

    /// <summary>No ALPN, as with CUPS and old https clients.</summary>
    NoAlpn,

    /// <summary>
    /// A client that knows the upgrade and the request before it: <c>http/1.1-upgraded=…, http/1.1-upgraded, http/1.1</c>.
    /// </summary>
    Aware,
}

/// <summary>How a client's handshake after a 101 ended.</summary>
internal enum ClientOutcome
{
    /// <summary>The server sent application data.</summary>
    Answered,

    /// <summary>The server sent an alert or ended the connection.</summary>
    Refused,

    /// <summary>Nothing happened within the timeout, or the handshake was never reached.</summary>
    Unclear,
}
