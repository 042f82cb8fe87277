using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>Opens tunnels through another proxy (RFC 2817 section 5.2).</summary>
internal sealed class NextProxy
{
    /// <summary>Maximum size of an answer's head, and of its content if it is passed on. In bytes.</summary>
    public const int MaxAnswerSize = 32 * 1024;

    private readonly Dialer _dialer;
    private readonly NameLookups _lookups;
    private readonly TimeProvider _timeProvider;
    private readonly Uri _uri;
    private readonly SslClientAuthenticationOptions? _ssl;
    private readonly string? _credentials;
    private readonly bool _forwardsCredentials;

    public NextProxy(ConnectTunnelOptions options, Dialer dialer, NameLookups lookups, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _dialer = dialer;
        _lookups = lookups;
        _uri = options.UpstreamProxy!;
        _ssl = options.UpstreamProxySsl;
        _forwardsCredentials = options.ForwardProxyAuthorization;
        _credentials = _uri.UserInfo.Length > 0
            ? $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(_uri.UserInfo)))}"
            : null;
    }

    /// <summary>Whether the caller can answer a challenge of the next proxy.</summary>
    public bool IsCallerChallenged => _forwardsCredentials;

    /// <summary>Requests a tunnel. If the answer's status is 2xx the connection is a tunnel; otherwise it is closed.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The proxy is unreachable.</exception>
    /// <exception cref="LookupTimeoutException">Its name was not resolved in time.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="InvalidDataException">The answer is not valid.</exception>
    /// <exception cref="AuthenticationException">The TLS handshake failed.</exception>
    public async Task<(Upstream? Upstream, NextProxyAnswer Answer)> ConnectAsync(
        ConnectRequest request, CallerKey caller, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(_uri.DnsSafeHost, out var literal)
            ? [literal]
            : await _lookups.ResolveAsync(_uri.IdnHost, caller, cancellationToken);
        var upstream = new Upstream(await _dialer.DialAsync(addresses, _uri.Port, cancellationToken));
        try
        {
            if (_uri.Scheme == Uri.UriSchemeHttps)
            {
                upstream = await StartTlsAsync(upstream, cancellationToken);
            }

            await upstream.Stream.WriteAsync(Write(request), cancellationToken);
            var (answer, early) = await NextProxyAnswer.ReadAsync(upstream.Stream, _timeProvider, cancellationToken);
            if (answer.IsTunnel)
            {
                return (upstream.WithEarly(early), answer);
            }

            upstream.Dispose();
            return (null, answer);
        }
        catch
        {
            upstream.Dispose();
            throw;
        }
    }

    private async Task<Upstream> StartTlsAsync(Upstream upstream, CancellationToken cancellationToken)
    {
        var tls = new SslStream(upstream.Stream);
        await tls.AuthenticateAsClientAsync(CreateOptions(), cancellationToken);
        return upstream.WithTls(tls);
    }

    private SslClientAuthenticationOptions CreateOptions() => new()
    {
        TargetHost = _ssl?.TargetHost ?? _uri.IdnHost,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        AllowRenegotiation = false,
        CertificateChainPolicy = _ssl?.CertificateChainPolicy,
        CertificateRevocationCheckMode =
            _ssl?.CertificateRevocationCheckMode ?? System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        CipherSuitesPolicy = _ssl?.CipherSuitesPolicy,
        ClientCertificateContext = _ssl?.ClientCertificateContext,
        ClientCertificates = _ssl?.ClientCertificates,
        EnabledSslProtocols = _ssl?.EnabledSslProtocols ?? SslProtocols.None,
        LocalCertificateSelectionCallback = _ssl?.LocalCertificateSelectionCallback,
        RemoteCertificateValidationCallback = _ssl?.RemoteCertificateValidationCallback,
    };

    /// <summary>Contains only what was understood of the caller's request.</summary>
    private byte[] Write(ConnectRequest request)
    {
        var authority = request.Target.Authority;
        var credentials = _credentials ?? (_forwardsCredentials ? request.ProxyAuthorization : null);
        var field = credentials is null ? "" : $"Proxy-Authorization: {credentials}\r\n";
        return Encoding.ASCII.GetBytes($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{field}\r\n");
    }
}
