using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade;

/// <summary>Protocol constants that clients and servers have to agree on.</summary>
public static class TlsUpgradeProtocol
{
    /// <summary>
    /// The ALPN protocol id by which a client marks a TLS handshake that follows an upgrade of a plaintext connection
    /// (RFC 2817). It stands for HTTP/1.1, and is offered before <c>http/1.1</c>. A client that starts TLS without having
    /// asked for an upgrade must never offer it: that is what tells the two apart, and defeats CVE-2025-49812.
    /// </summary>
    public const string AlpnProtocolId = AwareClient.AlpnProtocolId;
}
