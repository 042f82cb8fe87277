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

    /// <summary>
    /// How the ALPN protocol id begins that binds a handshake to the request in clear text before it. The rest is the SHA-256 of
    /// the request's canonical form, in base64url without padding; the package's Marking.md describes it. A client that offers
    /// it also has <see cref="UpgradeMember"/> in the Upgrade field of its request.
    /// </summary>
    public const string BoundAlpnProtocolPrefix = AwareClient.BoundAlpnPrefix;

    /// <summary>
    /// The member of the Upgrade list by which a client announces that its handshake is marked. A server that accepts marked
    /// handshakes only (<see cref="TlsUpgradeClientMode.AwareOnly"/>) declines offers without it. It proves nothing by itself.
    /// </summary>
    public const string UpgradeMember = AwareClient.UpgradeMember;
}
