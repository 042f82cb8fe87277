using System.Net.Security;

namespace KestrelTlsUpgrade.Internal.Switching;

/// <summary>The ALPN protocol ids of an upgraded connection.</summary>
internal static class ApplicationProtocols
{
    /// <summary>The mark of a client that knows the connection was upgraded.</summary>
    public static SslApplicationProtocol Aware { get; } = new(TlsUpgradeProtocol.AlpnProtocolId);

    /// <summary>
    /// What the server picks from, the first that the client offers. <c>h2</c> stands first as a trap: a client that knows
    /// of the upgrade has no reason to offer it, and every client that starts https by itself does. One that is caught in it
    /// was spliced onto a plaintext connection by an attacker on the path (CVE-2025-49812).
    /// </summary>
    public static List<SslApplicationProtocol> Upgraded { get; } = [SslApplicationProtocol.Http2, Aware, SslApplicationProtocol.Http11];
}
