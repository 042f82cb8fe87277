using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>A certificate that an endpoint shows.</summary>
/// <param name="Certificate">The certificate, with its private key.</param>
/// <param name="Chain">What is sent with it.</param>
/// <param name="Origin">Where it is from, for whoever has to renew it.</param>
internal sealed record LoadedCertificate(X509Certificate2 Certificate, X509Certificate2Collection? Chain, string Origin);
