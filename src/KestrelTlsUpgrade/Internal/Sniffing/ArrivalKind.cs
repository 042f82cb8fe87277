namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>The protocol that the first bytes of a connection indicate.</summary>
internal enum ArrivalKind
{
    /// <summary>Too few bytes to distinguish TLS from HTTP.</summary>
    Undecided,

    /// <summary>The connection is to be closed. It sent nothing.</summary>
    Ended,

    /// <summary>Anything else. Kestrel parses it as HTTP.</summary>
    Plaintext,

    /// <summary>A TLS handshake record.</summary>
    Tls,

    /// <summary>A first request whose upgrade offer is accepted.</summary>
    Upgrade,
}
