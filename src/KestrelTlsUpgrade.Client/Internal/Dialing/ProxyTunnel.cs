using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// Opens a tunnel with SocketsHttpHandler, and so supports every proxy that it supports: SOCKS, proxies behind TLS, Basic, Digest, NTLM and
/// Negotiate. For <c>ws://</c> it opens a tunnel with CONNECT (or SOCKS) and then sends HTTP in it. We take the tunnel away at that point
/// and give the handler a canned answer instead.
/// </summary>
internal sealed class ProxyTunnel(
    SocketsHttpHandler settings, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect, WebProxy proxy)
{
    /// <summary>Opens a tunnel to an origin.</summary>
    /// <exception cref="HttpRequestException">The proxy refused or was unreachable.</exception>
    public async Task<Stream> OpenAsync(DnsEndPoint origin, CancellationToken cancellationToken)
    {
        var handover = new Handover();
        using var handler = CreateHandler(handover);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("ws", origin.Host, origin.Port).Uri);
        try
        {
            using var response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return handover.End()!;
        }
        catch
        {
            handover.End()?.Dispose();
            throw;
        }
    }

    private SocketsHttpHandler CreateHandler(Handover handover)
    {
        Socket? socket = null;
        return new SocketsHttpHandler
        {
            Proxy = proxy,
            SslOptions = settings.SslOptions,
            ConnectCallback = connect,
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            MaxResponseHeadersLength = settings.MaxResponseHeadersLength,
            UseCookies = false,
            AllowAutoRedirect = false,

            // This is not an application's request: it gets no trace and is not counted in request metrics.
            ActivityHeadersPropagator = null,
            MeterFactory = UnobservedMeters.Instance,
            PlaintextStreamFilter = (context, _) =>
            {
                if (context.InitialRequestMessage.Method == HttpMethod.Connect)
                {
                    socket = (context.PlaintextStream as NetworkStream)?.Socket;
                    return ValueTask.FromResult<Stream>(new ConnectAnswerStream(context.PlaintextStream));
                }

                handover.Put(new TunnelStream(context.PlaintextStream, socket));
                return ValueTask.FromResult<Stream>(new HandoverStream());
            },
        };
    }

    /// <summary>Passes a tunnel from the handler that opened it to the caller that requested it, which may have stopped waiting.</summary>
    internal sealed class Handover
    {
        private readonly Lock _lock = new();
        private Stream? _tunnel;
        private bool _isOver;

        /// <summary>Hands the tunnel over, or closes it if the caller has stopped waiting.</summary>
        public void Put(Stream tunnel)
        {
            lock (_lock)
            {
                if (!_isOver)
                {
                    _tunnel = tunnel;
                    return;
                }
            }

            tunnel.Dispose();
        }

        /// <summary>Takes the tunnel if there is one. A tunnel that arrives later is closed.</summary>
        public Stream? End()
        {
            lock (_lock)
            {
                _isOver = true;
                return _tunnel;
            }
        }
    }
}
