using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade;

/// <summary>Protocol constants shared by clients and servers.</summary>
public static class TlsUpgradeProtocol
{
    /// <summary>
    /// The ALPN protocol id with which a client marks a TLS handshake that follows an upgrade (RFC 2817). It means HTTP/1.1, and is offered
    /// before <c>http/1.1</c>. A client that starts TLS without an upgrade must never offer it: the mark distinguishes the two and prevents
    /// CVE-2025-49812.
    /// </summary>
    public const string AlpnProtocolId = AwareClient.AlpnProtocolId;

    /// <summary>
    /// The prefix of the ALPN protocol id that binds a handshake to the preceding plaintext request. It is followed by the SHA-256 of the
    /// request's canonical form, in base64url without padding; Marking.md in the package specifies it. A client that offers it also has
    /// <see cref="UpgradeMember"/> in the Upgrade field of its request.
    /// </summary>
    public const string BoundAlpnProtocolPrefix = AwareClient.BoundAlpnPrefix;

    /// <summary>
    /// The member of the Upgrade field with which a client announces that its handshake is marked. A server that only accepts marked
    /// handshakes (<see cref="TlsUpgradeClientMode.AwareOnly"/>) declines offers without it. It proves nothing by itself.
    /// </summary>
    public const string UpgradeMember = AwareClient.UpgradeMember;
}
