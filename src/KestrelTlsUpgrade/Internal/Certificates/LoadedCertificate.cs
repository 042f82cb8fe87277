using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A certificate that an endpoint presents.</summary>
/// <param name="Certificate">The certificate, with its private key.</param>
/// <param name="Chain">The certificates that are sent with it.</param>
/// <param name="Origin">Where it was loaded from, for the operator who renews it.</param>
internal sealed record LoadedCertificate(X509Certificate2 Certificate, X509Certificate2Collection? Chain, string Origin)
{
    /// <summary>What handshakes present, if that is known in advance.</summary>
    public CertificateChain? Presented { get; init; }

    /// <summary>The certificate, and those of issuers that are sent with it. A client refuses the one if another has expired.</summary>
    public IEnumerable<LoadedCertificate> WithIssuers() => (Presented?.Context.IntermediateCertificates ?? [])
        .Select(issuer => new LoadedCertificate(issuer, null, $"an issuer in {Origin}"))
        .Prepend(this);

    /// <summary>Sets the certificate, and removes any selector.</summary>
    public void ApplyTo(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = Certificate;
        https.ServerCertificateChain = Chain;
        https.ServerCertificateSelector = null;
    }
}
