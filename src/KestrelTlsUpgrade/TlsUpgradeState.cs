namespace KestrelTlsUpgrade;

/// <summary>How a connection to an upgrade endpoint carries HTTP.</summary>
public enum TlsUpgradeState
{
    /// <summary>HTTP/1.1 in clear text.</summary>
    Plaintext,

    /// <summary>HTTP/1.1 over TLS, after an upgrade of the plaintext connection (RFC 2817 section 3).</summary>
    Upgraded,

    /// <summary>HTTP over TLS from the first byte of the connection.</summary>
    DirectTls,
}
