using KestrelTlsUpgrade;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Extension methods that let an endpoint of Kestrel stand behind a load balancer that speaks the PROXY protocol.</summary>
public static class ListenOptionsProxyProtocolExtensions
{
    /// <summary>
    /// Takes the client's address from the header of the PROXY protocol, version 1 or 2, with which a load balancer in TCP mode
    /// begins each connection. It becomes the remote and the local endpoint of the connection, and so
    /// <c>HttpContext.Connection</c>'s, in clear text and over TLS alike.
    /// </summary>
    /// <param name="listenOptions">The endpoint. It must listen on TCP, and nothing else: with HTTP/3 the server does not start.</param>
    /// <param name="configureOptions">Sets whom to trust. Called at once.</param>
    /// <returns>The <paramref name="listenOptions"/>.</returns>
    /// <remarks>
    /// <para>
    /// The endpoint is for trusted proxies only, and there is no guessing: a connection from any other address is closed before a
    /// byte of it is read, and one from a trusted address that does not begin with a complete and valid header is closed too. The
    /// log says why: of the first at Debug, as anybody can cause it, and of the second with a warning. Health checks of the proxy
    /// (<c>LOCAL</c>, <c>UNKNOWN</c>), and clients of other kinds than TCP over IPv4 or IPv6, keep the proxy's own address, as the
    /// specification asks.
    /// </para>
    /// <para>
    /// It goes before <c>UseTlsUpgrade()</c> and <c>UseConnectTunnel()</c> by itself, of a whole host and of the endpoint. Call it before
    /// <c>UseHttps()</c> and connection middleware of others. Calling it again changes its options; one header is read.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="InvalidOperationException">
    /// Nobody is trusted, the endpoint is not one of TCP, or it uses HTTPS already.
    /// </exception>
    public static ListenOptions UseProxyProtocol(this ListenOptions listenOptions, Action<ProxyProtocolOptions> configureOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        ArgumentNullException.ThrowIfNull(configureOptions);
        ProxyProtocolEndpoint.Add(listenOptions, configureOptions);
        return listenOptions;
    }
}
