namespace KestrelTlsUpgrade.Tool.Probing.Results;

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
