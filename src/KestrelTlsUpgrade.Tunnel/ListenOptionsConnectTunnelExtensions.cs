using KestrelTlsUpgrade.Tunnel;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let a Kestrel endpoint open tunnels (RFC 9110 section 9.3.6).</summary>
public static class ListenOptionsConnectTunnelExtensions
{
    /// <summary>
    /// Opens a tunnel on connections that start with CONNECT. Every other connection is passed to Kestrel unchanged. Settings come from the
    /// configuration section <c>ConnectTunnel</c>, then from code.
    /// </summary>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1.</param>
    /// <returns>The <paramref name="listenOptions"/>.</returns>
    /// <remarks>
    /// Call it after <c>UseHttps()</c> and <c>UseTlsUpgrade()</c>: CONNECT is then accepted inside TLS and, after <c>UseTlsUpgrade()</c>,
    /// on plaintext connections too. If it is called before <c>UseHttps()</c>, or if settings are invalid, the server fails to start with
    /// an <see cref="InvalidOperationException"/>. Settings are read when the endpoint is bound. Further calls add settings, not a second
    /// tunnel.
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="listenOptions"/> is <see langword="null"/>.</exception>
    public static ListenOptions UseConnectTunnel(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        TunnelEndpoint.Add(listenOptions, configure: null, isExplicit: true);
        return listenOptions;
    }

    /// <inheritdoc cref="UseConnectTunnel(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1.</param>
    /// <param name="configureOptions">Configures the endpoint's options. Overrides the configuration and the host's options.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseConnectTunnel(this ListenOptions listenOptions, Action<ConnectTunnelOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(configureOptions);
        TunnelEndpoint.Add(listenOptions, configureOptions, isExplicit: true);
        return listenOptions;
    }
}
