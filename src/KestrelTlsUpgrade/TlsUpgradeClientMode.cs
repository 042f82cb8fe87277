
namespace KestrelTlsUpgrade;

/// <summary>
/// Whose TLS handshake is accepted after a <c>101 Switching Protocols</c>.
/// </summary>
public enum TlsUpgradeClientMode
{
    /// <summary>
    /// Every client whose ClientHello is none of https: no <c>h2</c>, <c>h2c</c> or <c>h3</c> in ALPN and, unless it is marked, no
    /// GREASE (RFC 8701) and no Encrypted Client Hello, which browsers send. The default: it serves CUPS and Apache HttpClient.
    /// </summary>
    Compatible,

    /// <summary>
    /// Only a client that marks its handshake, which says that it knows of the upgrade: by the ALPN protocol id that is bound to its
    /// request (<see cref="TlsUpgradeProtocol.BoundAlpnProtocolPrefix"/>), or for <c>OPTIONS *</c> by the plain one
    /// (<see cref="TlsUpgradeProtocol.AlpnProtocolId"/>). An offer that does not announce a mark
    /// (<see cref="TlsUpgradeProtocol.UpgradeMember"/>) is declined and answered in clear text. Closes CVE-2025-49812 for every
    /// deployment. Set it first, and <see cref="DirectTlsMode.Any"/> when every instance has it.
    /// </summary>
    AwareOnly,
}
