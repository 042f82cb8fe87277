using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A certificate that an endpoint presents.</summary>
/// <param name="Certificate">The certificate, with its private key.</param>
/// <param name="Chain">The certificates that are sent with it.</param>
/// <param name="Origin">Where it was loaded from, for the operator who renews it.</param>
internal sealed record LoadedCertificate(X509Certificate2 Certificate, X509Certificate2Collection? Chain, string Origin)
{
    /// <summary>Sets the certificate, and removes any selector.</summary>
    public void ApplyTo(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = Certificate;
        https.ServerCertificateChain = Chain;
        https.ServerCertificateSelector = null;
    }
}
