using KestrelTlsUpgrade;
using KestrelTlsUpgrade.Internal.Connections;

namespace Microsoft.AspNetCore.Server.Kestrel.Https;

/// <summary>Extension methods for TLS handshakes that may follow an upgrade.</summary>
public static class TlsHandshakeCallbackContextTlsUpgradeExtensions
{
    /// <summary>
    /// Gets the host that the client requests: the server name in its ClientHello or, if it sent none and the connection was upgraded, the
    /// host of the plaintext request (RFC 2817 section 1).
    /// </summary>
    /// <param name="context">The context that <see cref="TlsUpgradeOptions.HandshakeCallback"/> receives.</param>
    /// <returns>A host name without a port; empty if the client sent neither.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="context"/> is <see langword="null"/>.</exception>
    public static string GetServerName(this TlsHandshakeCallbackContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.ClientHelloInfo.ServerName is { Length: > 0 } serverName
            ? serverName
            : UpgradeConnection.Of(context.Connection.Features)?.Upgrade?.Host ?? "";
    }
}
