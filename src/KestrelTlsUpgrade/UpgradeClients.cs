namespace KestrelTlsUpgrade;

/// <summary>
/// Whose TLS handshake is accepted after a <c>101 Switching Protocols</c>.
/// </summary>
public enum UpgradeClients
{
    /// <summary>
    /// Every client that does not offer <c>h2</c> in ALPN. The default: it serves CUPS and Apache HttpClient.
    /// </summary>
    Compatible,

    /// <summary>
    /// Only a client that offers the ALPN protocol id <see cref="TlsUpgradeProtocol.AlpnProtocolId"/>, which says that it
    /// knows that the connection began in plaintext. Closes CVE-2025-49812 for every deployment.
    /// </summary>
    AwareOnly,
}
