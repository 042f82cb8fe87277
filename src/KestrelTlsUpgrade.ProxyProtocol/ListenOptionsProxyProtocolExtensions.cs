using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods for an endpoint of Kestrel behind a load balancer that speaks the PROXY protocol.</summary>
public static class ListenOptionsProxyProtocolExtensions
{
    /// <summary>
    /// Takes the client's address from the header of the PROXY protocol, version 1 or 2, with which a load balancer in TCP mode
    /// begins each connection. It becomes the remote and the local endpoint of the connection, and so
    /// <c>HttpContext.Connection</c>'s, in clear text and over TLS alike. Settings come from the section <c>ProxyProtocol</c> of the
    /// configuration, from <c>Kestrel:Endpoints:{name}:ProxyProtocol</c>, and then from code.
    /// </summary>
    /// <param name="listenOptions">The endpoint. It must listen on TCP and nothing else: with HTTP/3 the server does not start.</param>
    /// <returns>The <paramref name="listenOptions"/>.</returns>
    /// <remarks>
    /// <para>
    /// The endpoint is for trusted proxies only, and there is no guessing. A connection from any other address is closed before a
    /// byte of it is read, and so is one from a trusted address that does not begin with a complete and valid header. The log says why:
    /// at Debug for the first, which anybody can cause, and with a warning for the second. Health checks of the proxy (<c>LOCAL</c>,
    /// <c>UNKNOWN</c>), and clients that do not use TCP over IPv4 or IPv6, keep the proxy's own address, as the specification asks.
    /// </para>
    /// <para>
    /// It runs before <c>UseTlsUpgrade()</c> and <c>UseConnectTunnel()</c>, of the host and of the endpoint, in whichever order they are
    /// called. Call it before <c>UseHttps()</c> and connection middleware of others. Calling it again adds settings; one header is read.
    /// </para>
    /// <para>
    /// Settings are read when the endpoint is bound. If they trust nobody or are wrong, or if the endpoint does not listen on TCP, the
    /// server fails to start.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="listenOptions"/> is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">The endpoint uses HTTPS already.</exception>
    public static ListenOptions UseProxyProtocol(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ProxyProtocolEndpoint.Add(listenOptions, configure: null, isExplicit: true);
        return listenOptions;
    }

    /// <inheritdoc cref="UseProxyProtocol(ListenOptions)"/>
    /// <param name="listenOptions">The endpoint. It must listen on TCP and nothing else: with HTTP/3 the server does not start.</param>
    /// <param name="configureOptions">
    /// Sets the endpoint's options, such as whom to trust. It overrides the configuration and the host's code. Called when the endpoint is
    /// bound.
    /// </param>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static ListenOptions UseProxyProtocol(this ListenOptions listenOptions, Action<ProxyProtocolOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(configureOptions);
        ProxyProtocolEndpoint.Add(listenOptions, configureOptions, isExplicit: true);
        return listenOptions;
    }
}
