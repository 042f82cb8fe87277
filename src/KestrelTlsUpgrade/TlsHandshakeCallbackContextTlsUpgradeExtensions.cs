using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Connections;

namespace Microsoft.AspNetCore.Server.Kestrel.Https;

/// <summary>Extension methods for TLS handshakes that may follow an upgrade.</summary>
public static class TlsHandshakeCallbackContextTlsUpgradeExtensions
{
    /// <summary>
    /// The host that the client wants: the server name of its ClientHello, or, where it sent none and the connection was
    /// upgraded, the host of the request in clear text (RFC 2817 section 1).
    /// </summary>
    /// <param name="context">The handshake, as <see cref="TlsUpgradeOptions.HandshakeCallback"/> gets it.</param>
    /// <returns>A host name without a port; empty where nobody named one.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    public static string GetServerName(this TlsHandshakeCallbackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.ClientHelloInfo.ServerName is { Length: > 0 } serverName
            ? serverName
            : UpgradeConnection.Of(context.Connection.Features)?.Upgrade?.Host ?? "";
    }
}
