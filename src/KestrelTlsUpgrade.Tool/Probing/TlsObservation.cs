using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>What a handshake revealed.</summary>
internal sealed class TlsObservation
{
    public string Version { get; private set; } = "";

    public string CipherSuite { get; private set; } = "";

    /// <summary>The ALPN protocol that the server selected; <see langword="null"/> for none.</summary>
    public string? ApplicationProtocol { get; private set; }

    public X509Certificate2? Certificate { get; private set; }

    /// <summary>Whether the platform, or the given roots, trust the certificate's chain.</summary>
    public bool IsTrusted { get; private set; }

    /// <summary>The errors of the chain.</summary>
    public string[] ChainProblems { get; private set; } = [];

    /// <summary>Called during the handshake, because the chain is disposed afterwards.</summary>
    public void TakeCertificate(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Certificate = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.RawDataMemory.Span);
        IsTrusted = (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) is SslPolicyErrors.None;
        ChainProblems = [.. (chain?.ChainStatus ?? []).Select(static status => status.Status.ToString()).Distinct()];
    }

    public void Complete(SslStream tls)
    {
        Version = TlsVersions.NameOf(tls.SslProtocol);
        CipherSuite = tls.NegotiatedCipherSuite.ToString();
        ApplicationProtocol = tls.NegotiatedApplicationProtocol.Protocol.IsEmpty ? null : tls.NegotiatedApplicationProtocol.ToString();
    }
}
