namespace KestrelTlsUpgrade;

/// <summary>How an upgrade endpoint treats clients that start TLS at the first byte of the connection instead of upgrading.</summary>
public enum DirectTlsMode
{
    /// <summary>No TLS from the first byte. Kestrel's plaintext HTTP rejects the connection.</summary>
    Off,

    /// <summary>
    /// Serves only clients that negotiate HTTP/2. Others get a short HTTP/1.1 response that says what they can do and, in Development, names this setting. This is the default: an
    /// upgrade refuses every handshake that this mode serves, so an attacker cannot attach a plaintext request to its session
    /// (CVE-2025-49812).
    /// </summary>
    Http2Only,

    /// <summary>
    /// Serves every client, over HTTP/2 or HTTP/1.1. Https clients that speak only HTTP/1.1 are then exposed to CVE-2025-49812, unless
    /// <see cref="TlsUpgradeOptions.AcceptedClients"/> is <see cref="TlsUpgradeClientMode.AwareOnly"/>.
    /// </summary>
    Any,
}
