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
        var proxy = settings.Proxy is null ? null : ProxySetting.Parse(settings.Proxy);
        var certificate = settings.CertificateFile is null ? null
            : CertificateFiles.LoadClient(settings.CertificateFile, settings.KeyFile, settings.KeyPassword);
        return new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            Mode = settings.Mode,

            // The deadline applies to the request as a whole.
            UpgradeTimeout = Timeout.InfiniteTimeSpan,
            SslOptions = CreateTls(),
            ConfigureHandler = handler =>
            {
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.SslOptions = OnlyFor(settings.Url.IdnHost, CreateTls());
                handler.UseProxy = settings.UsesProxy;
                handler.Proxy = proxy;
                Watch(handler, settings, trace);
            },
        });

        SslClientAuthenticationOptions CreateTls() => new()
        {
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = TrustPolicy.Create(roots),
            ClientCertificateContext = certificate,
            RemoteCertificateValidationCallback = (sender, received, _, errors) =>
            {
                trace?.Handshake(sender as SslStream, received as X509Certificate2, errors);
                return settings.IsInsecure || errors is SslPolicyErrors.None;
            },
        };
    }

    /// <summary>
    /// Options for the server do not apply to a proxy before it: its certificate is still checked, and the user's client certificate is not
    /// sent to it.
    /// </summary>
    private static SslClientAuthenticationOptions OnlyFor(string host, SslClientAuthenticationOptions tls)
    {
        var (certificate, validate) = (tls.ClientCertificateContext?.TargetCertificate, tls.RemoteCertificateValidationCallback!);
        tls.ClientCertificateContext = null;
        tls.LocalCertificateSelectionCallback = certificate is null ? null : (_, name, _, _, _) => IsServer(name) ? certificate : null!;
        tls.RemoteCertificateValidationCallback = (sender, received, chain, errors) =>
            validate(sender, received, chain, errors) && (errors is SslPolicyErrors.None || IsServer(((SslStream)sender).TargetHostName));
        return tls;

        bool IsServer(string name) => name.Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    private static void Watch(SocketsHttpHandler handler, RequestSettings settings, ExchangeTrace? trace)
    {
        if (trace is not null)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
                new TracedStream(await ConnectAsync(context.DnsEndPoint, trace, cancellationToken), trace);
        }

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

    private static async Task<NetworkStream> ConnectAsync(DnsEndPoint endPoint, ExchangeTrace trace, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            trace.Connected(endPoint, socket.RemoteEndPoint!);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
