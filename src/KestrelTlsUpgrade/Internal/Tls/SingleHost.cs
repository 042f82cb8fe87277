using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// Whether a certificate names exactly one host. A client that sends no server name can then only mean that host; with any other
/// certificate, the request for one host could be attached to a client of another.
/// </summary>
internal static class SingleHost
{
    public static bool IsNamedBy(X509Certificate? certificate, string host) => certificate switch
    {
        null => false,
        X509Certificate2 known => HasOneName(known) && known.MatchesHostname(ServerName.ToAscii(host), allowWildcards: false, allowCommonName: true),
        _ => IsNamedBy(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()), host),
    };

    /// <summary>One subject alternative name, or none: old devices have only a common name.</summary>
    private static bool HasOneName(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .Sum(static names => names.EnumerateDnsNames().Count() + names.EnumerateIPAddresses().Count()) <= 1;
}
