using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>One connection of the probe.</summary>
internal sealed class ProbeConnection : IAsyncDisposable
{
    private readonly ProbeTarget _target;
    private readonly ProbeSettings _settings;
    private readonly WireStream _wire;
    private readonly HeadReader _clearHeads;
    private SslStream? _tls;
    private HeadReader? _tlsHeads;

    private ProbeConnection(ProbeTarget target, ProbeSettings settings, Socket socket)
    {
        _target = target;
        _settings = settings;
        Address = AddressText.Of(socket.RemoteEndPoint!);
        _wire = new WireStream(socket);
        _clearHeads = new HeadReader(_wire);
    }

    public string Address { get; }

    public static async Task<ProbeConnection> OpenAsync(ProbeTarget target, ProbeSettings settings, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            // On Linux, canceling does not stop the lookup of the name.
            await socket.ConnectAsync(target.Host, target.Port, cancellationToken).AsTask().WaitAsync(cancellationToken);
            return new ProbeConnection(target, settings, socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends bytes, in clear text before <see cref="StartTlsAsync"/> and encrypted afterwards.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await (_tls ?? (Stream)_wire).WriteAsync(bytes, cancellationToken);

    /// <summary>Sends a plaintext request and reads the head of its answer.</summary>
    public async Task<ResponseHead> AskAsync(ProbeRequest request, CancellationToken cancellationToken)
    {
        await SendAsync(request.ToBytes(_target), cancellationToken);
        return await _clearHeads.ReadAsync(cancellationToken);
    }

    /// <summary>Offers an upgrade in a plaintext request and reads the head of the answer, whether it is a 101 or not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="offer">The members of its Upgrade field.</param>
    /// <param name="cancellationToken">Cancels the exchange.</param>
    /// <param name="behind">Plaintext that follows in the same segment.</param>
    public async Task<ResponseHead> OfferAsync(ProbeRequest request, string offer, CancellationToken cancellationToken, byte[]? behind = null)
    {
        byte[] both = [.. request.ToBytes(_target, offer), .. behind ?? []];
        await SendAsync(both, cancellationToken);
        return await _clearHeads.ReadAsync(cancellationToken);
    }

    /// <summary>Whether the server answered with plaintext HTTP instead of TLS.</summary>
    public bool GotClearAnswerForTls => _clearHeads.IsAnotherBuffered || (_tls is not null && _wire.BeganWithHttp);

    /// <summary>Starts TLS on the connection. Every certificate is accepted and reported.</summary>
    /// <param name="protocols">The ALPN protocols to offer, possibly none.</param>
    /// <param name="versions">The TLS versions to offer.</param>
    /// <param name="cancellationToken">Cancels the handshake.</param>
    public async Task<TlsObservation> StartTlsAsync(
        IReadOnlyList<string> protocols, SslProtocols versions, CancellationToken cancellationToken)
    {
        if (_clearHeads.Buffered > 0)
        {
            throw new ProbeException($"{_clearHeads.Buffered} bytes in clear text followed the 101");
        }

        var observation = new TlsObservation();
        _tls = new SslStream(_wire);
        _tlsHeads = new HeadReader(_tls);
        _wire.Begin();
        try
        {
            await _tls.AuthenticateAsClientAsync(CreateOptions(protocols, versions, observation), cancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or NotSupportedException && _wire.BytesSent == 0)
        {
            throw new TlsNotOfferedException(exception);
        }
        catch (AuthenticationException) when (_wire.BeganWithHttp)
        {
            throw new ProbeException("the server goes on in clear text");
        }
        catch (IOException exception) when (_wire.HasEnded && exception.InnerException is null)
        {
            throw new ProbeException("the server ended the connection within the handshake");
        }

        observation.Complete(_tls);
        return observation;
    }

    /// <summary>Reads the head of a response inside TLS.</summary>
    public Task<ResponseHead> ReadEncryptedHeadAsync(CancellationToken cancellationToken) => _tlsHeads!.ReadAsync(cancellationToken);

    /// <summary>Reads the next head inside TLS, or <see langword="null"/> at the end.</summary>
    public Task<ResponseHead?> TryReadEncryptedHeadAsync(CancellationToken cancellationToken) => _tlsHeads!.ReadAnyAsync(cancellationToken);

    /// <summary>Reads past the content of the response whose head was read last inside TLS.</summary>
    public Task SkipEncryptedContentAsync(ResponseHead head, CancellationToken cancellationToken) =>
        _tlsHeads!.SkipContentAsync(head, cancellationToken);

    /// <summary>Waits for application data. Returns false if TLS or the connection ends first.</summary>
    public async Task<bool> HasApplicationDataAsync(CancellationToken cancellationToken) =>
        await _tls!.ReadAsync(new byte[1], cancellationToken) > 0;

    /// <summary>Reads to the end of TLS. Returns whether it ended with close_notify.</summary>
    public async Task<bool> EndsWithCloseNotifyAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        while (await _tls!.ReadAsync(buffer, cancellationToken) > 0)
        {
        }

        return !_wire.HasEnded;
    }

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        await _wire.DisposeAsync();
    }

    private SslClientAuthenticationOptions CreateOptions(
        IReadOnlyList<string> protocols, SslProtocols versions, TlsObservation observation) => new()
        {
            TargetHost = _target.Host,
            EnabledSslProtocols = versions,
            ApplicationProtocols = protocols.Count == 0 ? null : [.. protocols.Select(static name => new SslApplicationProtocol(name))],
            EncryptionPolicy = TlsVersions.PolicyFor(versions),
            AllowRenegotiation = false,
            AllowTlsResume = false,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = TrustPolicy.Create(_settings.TrustedRoots),
#pragma warning disable CA5359 // Nothing confidential is sent, and certificate errors are reported.
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                observation.TakeCertificate(certificate as X509Certificate2, chain, errors);
                return true;
            },
#pragma warning restore CA5359
        };
}
