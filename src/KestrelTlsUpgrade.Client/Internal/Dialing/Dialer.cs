using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// Connects to origins as the handler is configured: with its connect callback, through a tunnel of its proxy, or directly.
/// </summary>
internal sealed class Dialer(SocketsHttpHandler settings)
{
    // The caller's settings, captured during set-up: afterwards the handler has our callback and no proxy.
    private readonly Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? _connect = settings.ConnectCallback;
    private readonly bool _usesProxy = settings.UseProxy;

    /// <summary>Connects a stream to a host and port, without a proxy.</summary>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        _connect is null ? ConnectAsync(context.DnsEndPoint, cancellationToken) : _connect(context, cancellationToken);

    /// <summary>Connects to an origin, through a tunnel if there is a proxy for it (RFC 2817 section 5).</summary>
    public async ValueTask<DialedConnection> DialAsync(
        SocketsHttpConnectionContext context, WebProxy? proxy, CancellationToken cancellationToken)
    {
        if (proxy is null)
        {
            return new DialedConnection(await ConnectAsync(context, cancellationToken).ConfigureAwait(false), IsTunnelled: false);
        }

        var tunnel = new ProxyTunnel(settings, _connect, proxy);
        return new DialedConnection(await tunnel.OpenAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false), IsTunnelled: true);
    }

    /// <summary>
    /// The proxy for connections to an origin. It is looked up by the connection's origin: the request that started it may have been
    /// redirected meanwhile.
    /// </summary>
    public WebProxy? FindProxy(DnsEndPoint origin) => FindProxy(new UriBuilder("http", origin.Host, origin.Port).Uri);

    /// <summary>The proxy for a URI, chosen as SocketsHttpHandler chooses it; <see langword="null"/> for none.</summary>
    public WebProxy? FindProxy(Uri uri)
    {
        var proxy = _usesProxy ? settings.Proxy ?? HttpClient.DefaultProxy : null;
        var address = proxy is null ? null : FindAddress(proxy, uri);
        return address is null || address == uri ? null : new WebProxy(address) { Credentials = proxy!.Credentials ?? settings.DefaultProxyCredentials };
    }

    /// <summary>A proxy lookup that throws counts as no proxy, as in SocketsHttpHandler.</summary>
    private static Uri? FindAddress(IWebProxy proxy, Uri uri)
    {
        try
        {
            return proxy.IsBypassed(uri) ? null : proxy.GetProxy(uri);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
