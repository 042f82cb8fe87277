using System.Net.Security;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>The ALPN protocol ids that the server accepts on an upgraded connection.</summary>
internal static class ApplicationProtocols
{
    /// <summary>The mark of a client that knows that the connection was upgraded.</summary>
    public static SslApplicationProtocol Aware { get; } = new(TlsUpgradeProtocol.AlpnProtocolId);

    private static List<SslApplicationProtocol> Unbound { get; } = [SslApplicationProtocol.Http2, Aware, SslApplicationProtocol.Http11];

    /// <summary>
    /// The server's protocols in order of preference. <c>h2</c> is a second guard: a client that offers it has already been refused by its
    /// ClientHello. The mark of the request is preferred to the plain one, and selecting it confirms the request to the client.
    /// </summary>
    public static List<SslApplicationProtocol> For(UpgradeRequest upgrade) => upgrade.IsHinted
        ? [SslApplicationProtocol.Http2, new(upgrade.Mark), Aware, SslApplicationProtocol.Http11]
        : Unbound;
}
