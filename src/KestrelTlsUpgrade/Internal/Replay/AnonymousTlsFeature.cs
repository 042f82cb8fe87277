using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// The TLS connection as a plaintext request may see it: without the client's identity. Kestrel's own feature object would expose the
/// certificate.
/// </summary>
internal sealed class AnonymousTlsFeature(ITlsHandshakeFeature handshake, ReadOnlyMemory<byte> applicationProtocol)
    : ITlsConnectionFeature, ITlsHandshakeFeature, ITlsApplicationProtocolFeature
{
    public X509Certificate2? ClientCertificate { get; set; }

    public ReadOnlyMemory<byte> ApplicationProtocol => applicationProtocol;

    public SslProtocols Protocol => handshake.Protocol;

    public TlsCipherSuite? NegotiatedCipherSuite => handshake.NegotiatedCipherSuite;

    public string HostName => handshake.HostName;

#pragma warning disable SYSLIB0058 // Obsolete, but part of the feature.
    public CipherAlgorithmType CipherAlgorithm => handshake.CipherAlgorithm;

    public int CipherStrength => handshake.CipherStrength;

    public HashAlgorithmType HashAlgorithm => handshake.HashAlgorithm;

    public int HashStrength => handshake.HashStrength;

    public ExchangeAlgorithmType KeyExchangeAlgorithm => handshake.KeyExchangeAlgorithm;

    public int KeyExchangeStrength => handshake.KeyExchangeStrength;
#pragma warning restore SYSLIB0058

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult(ClientCertificate);
}
