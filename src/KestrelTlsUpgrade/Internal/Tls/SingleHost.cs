using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// Whether a certificate names one host and no other. A client that sends no server name can only mean that one; with any other
/// certificate, a request for one of its hosts could be put before a client of another.
/// </summary>
internal static class SingleHost
{
    public static bool IsNamedBy(X509Certificate? certificate, string host) => certificate switch
    {
        null => false,
        X509Certificate2 known => HasOneName(known) && known.MatchesHostname(ServerName.ToAscii(host), allowWildcards: false, allowCommonName: true),
        _ => IsNamedBy(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()), host),
    };

    /// <summary>One name, or none but the common name of an old device's certificate.</summary>
    private static bool HasOneName(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .Sum(static names => names.EnumerateDnsNames().Count() + names.EnumerateIPAddresses().Count()) <= 1;
}
