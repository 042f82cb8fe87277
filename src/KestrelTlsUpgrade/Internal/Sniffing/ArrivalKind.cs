namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>What the first bytes of a connection say about it.</summary>
internal enum ArrivalKind
{
    /// <summary>Too few bytes to tell TLS from HTTP.</summary>
    Undecided,

    /// <summary>The connection is to be closed before it said anything.</summary>
    Ended,

    /// <summary>Kestrel's to judge, whatever it is.</summary>
    Plaintext,

    /// <summary>A TLS handshake record.</summary>
    Tls,

    /// <summary>A first request whose offer of an upgrade is accepted.</summary>
    Upgrade,
}
