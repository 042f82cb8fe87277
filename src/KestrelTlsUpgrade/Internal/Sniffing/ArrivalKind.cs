namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>The protocol that the first bytes of a connection indicate.</summary>
internal enum ArrivalKind
{
    /// <summary>No byte yet.</summary>
    Undecided,

    /// <summary>The connection is to be closed. It sent nothing.</summary>
    Ended,

    /// <summary>Anything else. Kestrel parses it as HTTP.</summary>
    Plaintext,

    /// <summary>The first byte is that of a TLS handshake record.</summary>
    Tls,

    /// <summary>A first request whose upgrade offer is accepted.</summary>
    Upgrade,
}
