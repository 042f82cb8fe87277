
namespace KestrelTlsUpgrade;

/// <summary>Which TLS clients are accepted after a <c>101 Switching Protocols</c>.</summary>
public enum TlsUpgradeClientMode
{
    /// <summary>
    /// Every client whose ClientHello is not that of an https client: no <c>h2</c>, <c>h2c</c> or <c>h3</c> in ALPN and, unless it is
    /// marked, no GREASE (RFC 8701) and no Encrypted Client Hello, which browsers send. This is the default; it serves CUPS and Apache
    /// HttpClient.
    /// </summary>
    Compatible,

    /// <summary>
    /// Only clients that mark their handshake to declare that they know about the upgrade: with the ALPN protocol id that is bound to the
    /// request (<see cref="TlsUpgradeProtocol.BoundAlpnProtocolPrefix"/>) or, for <c>OPTIONS *</c>, the plain one
    /// (<see cref="TlsUpgradeProtocol.AlpnProtocolId"/>). An offer that does not announce a mark
    /// (<see cref="TlsUpgradeProtocol.UpgradeMember"/>) is declined and answered in clear text. Prevents CVE-2025-49812 in every
    /// deployment. Set this first, and <see cref="DirectTlsMode.Any"/> once every instance has it.
    /// </summary>
    AwareOnly,
}
