using KestrelTlsUpgrade.Tunnel;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let one endpoint of Kestrel open tunnels (RFC 9110 section 9.3.6).</summary>
public static class ListenOptionsConnectTunnelExtensions
{
    /// <summary>
    /// Answers connections that begin with CONNECT by opening a tunnel. Every other connection goes on to Kestrel as it came.
    /// Settings come from the section <c>ConnectTunnel</c> of the configuration, and then from code.
    /// </summary>
    /// <param name="listenOptions">The endpoint. It must speak HTTP/1.1.</param>
    /// <returns>The <paramref name="listenOptions"/>.</returns>
    /// <remarks>
    /// Place it behind <c>UseHttps()</c> and <c>UseTlsUpgrade()</c>: CONNECT is then seen inside TLS, and with the latter on plaintext
    /// connections too. Before <c>UseHttps()</c> the server fails to start with an <see cref="InvalidOperationException"/>, as it
    /// does where settings are wrong. Settings are read when the endpoint is bound. Calling it again adds settings, not a second
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
    /// <param name="configureOptions">Sets the endpoint's options, over those of the configuration and of the host.</param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseConnectTunnel(this ListenOptions listenOptions, Action<ConnectTunnelOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(configureOptions);
        TunnelEndpoint.Add(listenOptions, configureOptions, isExplicit: true);
        return listenOptions;
    }
}
