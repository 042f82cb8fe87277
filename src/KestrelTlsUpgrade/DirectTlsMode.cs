namespace KestrelTlsUpgrade;

/// <summary>
/// What an upgrade endpoint does with a client that starts TLS with the first byte of the connection instead of upgrading.
/// </summary>
public enum DirectTlsMode
{
    /// <summary>
    /// No TLS from the first byte: a TLS record is handed to plaintext HTTP, which refuses it as Kestrel does.
    /// </summary>
    Off,

    /// <summary>
    /// Only clients that negotiate HTTP/2 are served. Everybody else gets a short HTTP/1.1 answer that names this setting.
    /// The default: a TLS handshake that the endpoint serves is then always one that an upgrade refuses, so a plaintext request
    /// can never be slipped in front of its session (CVE-2025-49812).
    /// </summary>
    Http2Only,

    /// <summary>
    /// Every client is served, over HTTP/2 or HTTP/1.1. Clients of https that speak HTTP/1.1 only are then within reach of
    /// CVE-2025-49812 unless <see cref="TlsUpgradeOptions.AcceptedClients"/> is <see cref="TlsUpgradeClientMode.AwareOnly"/>.
    /// </summary>
    Any,
}
