using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Requests.Tracing;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>Creates the client's handler from the command line.</summary>
internal static class RequestHandler
{
    public static TlsUpgradeHttpHandler Create(RequestSettings settings, ExchangeTrace? trace)
    {
        if (settings is { CertificateFile: null, KeyFile: not null } or { CertificateFile: null, KeyPassword: not null })
        {
            throw new ToolException(ExitCode.Usage, "--key and --password are for a client certificate (--cert)");
        }

        if (settings is { Proxy: not null, UsesProxy: false })
        {
            throw new ToolException(ExitCode.Usage, "--proxy and --no-proxy do not go together");
        }

        var roots = settings.RootsFile is null ? null : CertificateFiles.LoadRoots(settings.RootsFile);
        var route = !settings.UsesProxy ? null
            : new ProxyRoute(settings.Url, settings.Proxy is null ? ProxySetting.OfEnvironment() : ProxySetting.Parse(settings.Proxy));
        var certificate = settings.CertificateFile is null ? null
            : CertificateFiles.LoadClient(settings.CertificateFile, settings.KeyFile, settings.KeyPassword);
        return new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            Mode = settings.Mode,

            // The deadline applies to the request as a whole.
            UpgradeTimeout = Timeout.InfiniteTimeSpan,
            SslOptions = CreateServerTls(),
            ConfigureHandler = handler =>
            {
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.SslOptions = CreateServerTls();
                handler.UseProxy = settings.UsesProxy;
                handler.Proxy = route;
                if (trace is not null || route is { IsHttps: true })
                {
                    handler.ConnectCallback = ConnectAsync;
                }

                WatchContent(handler, settings, trace);
            },
        });

        SslClientAuthenticationOptions CreateServerTls()
        {
            var tls = CreateTls(settings.IsInsecure);
            tls.ClientCertificateContext = certificate;
            return tls;
        }

        SslClientAuthenticationOptions CreateTls(bool isInsecure) => new()
        {
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = TrustPolicy.Create(roots),
            RemoteCertificateValidationCallback = (sender, received, _, errors) =>
            {
                trace?.Handshake(sender as SslStream, received as X509Certificate2, errors);
                return isInsecure || errors is SslPolicyErrors.None;
            },
        };

        async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            Stream stream = await DialAsync(context.DnsEndPoint, trace, cancellationToken);
            if (route is { IsHttps: true })
            {
                // -k and --cert are for the server.
                stream = await route.StartTlsAsync(stream, CreateTls(isInsecure: false), cancellationToken);
            }

            return trace is null ? stream : new TracedStream(stream, trace);
        }
    }

    private static void WatchContent(SocketsHttpHandler handler, RequestSettings settings, ExchangeTrace? trace)
    {
        if (trace is not null || settings.IsServerWide)
        {
            handler.PlaintextStreamFilter = (context, _) =>
            {
                if (context.NegotiatedHttpVersion.Major > 1)
                {
                    trace?.Http2Head(context.InitialRequestMessage);
                    return new(context.PlaintextStream);
                }

                // In clear text the connection itself is already traced.
                var isWatched = context.PlaintextStream is TracedStream || !(trace?.HasTlsBegun ?? false) && settings.Url.Scheme != Uri.UriSchemeHttps;
                var stream = trace is null || isWatched ? context.PlaintextStream : new TracedStream(context.PlaintextStream, trace);
                return new(settings.IsServerWide ? new ServerWideStream(stream) : stream);
            };
        }
    }

    private static async Task<NetworkStream> DialAsync(DnsEndPoint endPoint, ExchangeTrace? trace, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            trace?.Connected(endPoint, socket.RemoteEndPoint!);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
