namespace KestrelTlsUpgrade;

/// <summary>
/// Which plaintext responses advertise that the connection can be upgraded to TLS (RFC 2817 section 4.1), with
/// <c>Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1</c>. Responses over TLS, over HTTP/2 and to HTTP/1.0 never do.
/// </summary>
public enum TlsUpgradeAdvertisement
{
    /// <summary>No response, except <c>426 Upgrade Required</c>, which always does.</summary>
    Never,

    /// <summary>The first response of each connection.</summary>
    OncePerConnection,

    /// <summary>Every response.</summary>
    EveryResponse,
}
