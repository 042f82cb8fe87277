using System.Net.Security;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The ALPN protocol ids of an upgraded connection.</summary>
internal static class ApplicationProtocols
{
    /// <summary>The mark of a client that knows the connection was upgraded.</summary>
    public static SslApplicationProtocol Aware { get; } = new(TlsUpgradeProtocol.AlpnProtocolId);

    private static List<SslApplicationProtocol> Unbound { get; } = [SslApplicationProtocol.Http2, Aware, SslApplicationProtocol.Http11];

    /// <summary>
    /// What the server picks from, the first that the client offers. <c>h2</c> stands first as a second trap: a client that offers it
    /// has been refused before, by its ClientHello. The mark of the request comes next, so picking it confirms the request to the client.
    /// </summary>
    public static List<SslApplicationProtocol> For(UpgradeRequest upgrade) => upgrade.IsHinted
        ? [SslApplicationProtocol.Http2, new(upgrade.Mark), Aware, SslApplicationProtocol.Http11]
        : Unbound;
}
