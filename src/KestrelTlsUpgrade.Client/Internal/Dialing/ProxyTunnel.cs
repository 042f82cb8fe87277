using System.Diagnostics.Metrics;
using System.Net;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// Opens a tunnel with SocketsHttpHandler itself, and hence with all that it knows of proxies: SOCKS, proxies behind TLS, Basic,
/// Digest, NTLM and Negotiate. It tunnels <c>ws://</c> with CONNECT (or SOCKS) and would then send HTTP in the tunnel; instead the
/// tunnel is taken from it, and it is given an answer in its place.
/// </summary>
internal sealed class ProxyTunnel(
    SocketsHttpHandler settings, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect, WebProxy proxy)
{
    /// <summary>Opens a tunnel to an origin.</summary>
    /// <exception cref="HttpRequestException">The proxy refused or could not be reached.</exception>
    public async Task<Stream> OpenAsync(DnsEndPoint origin, CancellationToken cancellationToken)
    {
        var handover = new Handover();
        using var handler = CreateHandler(handover);
        using var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder("ws", origin.Host, origin.Port).Uri);
        try
        {
            using var response = await invoker.SendAsync(request, cancellationToken);
            return handover.End()!;
        }
        catch
        {
            handover.End()?.Dispose();
            throw;
        }
    }

    private SocketsHttpHandler CreateHandler(Handover handover) => new()
    {
        Proxy = proxy,
        SslOptions = settings.SslOptions,
        ConnectCallback = connect,
        ConnectTimeout = Timeout.InfiniteTimeSpan,
        MaxResponseHeadersLength = settings.MaxResponseHeadersLength,
        UseCookies = false,
        AllowAutoRedirect = false,

        // What is sent here is no request of anybody's: it has no trace, and its metrics are not those of requests.
        ActivityHeadersPropagator = null,
        MeterFactory = UnobservedMeters.Instance,
        PlaintextStreamFilter = (context, _) =>
        {
            if (context.InitialRequestMessage.Method == HttpMethod.Connect)
            {
                return ValueTask.FromResult<Stream>(new ConnectAnswerStream(context.PlaintextStream));
            }

            handover.Put(context.PlaintextStream);
            return ValueTask.FromResult<Stream>(new HandoverStream());
        },
    };

    /// <summary>A tunnel on its way from the handler that opened it to whoever asked for it, who may have given up waiting.</summary>
    internal sealed class Handover
    {
        private readonly Lock _lock = new();
        private Stream? _tunnel;
        private bool _isOver;

        /// <summary>Hands the tunnel over, or closes it if nobody waits any more.</summary>
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

        /// <summary>Takes what there is. Whatever comes later is closed.</summary>
        public Stream? End()
        {
            lock (_lock)
            {
                _isOver = true;
                return _tunnel;
            }
        }
    }

    private sealed class UnobservedMeters : IMeterFactory
    {
        private static readonly Meter Meter = new("KestrelTlsUpgrade.Client.Tunnels");

        public static UnobservedMeters Instance { get; } = new();

        public Meter Create(MeterOptions options) => Meter;

        public void Dispose()
        {
        }
    }
}
