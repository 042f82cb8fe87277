using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Testing;

internal static class CertificateRequestExtensions
{
    /// <summary>Creates a self-signed certificate that TLS can use. Schannel cannot use a key that exists only in memory.</summary>
    public static X509Certificate2 CreateForTls(this CertificateRequest request, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var certificate = request.CreateSelfSigned(notBefore, notAfter);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }
    }
}
