using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>The names that a certificate is for (RFC 9525 section 6).</summary>
internal static class CertificateNames
{
    /// <summary>The names, with a label of its own in the place of a wildcard.</summary>
    public static IEnumerable<string> Of(X509Certificate2? certificate)
    {
        foreach (var names in certificate?.Extensions.OfType<X509SubjectAlternativeNameExtension>() ?? [])
        {
            foreach (var name in names.EnumerateDnsNames())
            {
                yield return name.StartsWith("*.", StringComparison.Ordinal) ? "any" + name[1..] : name;
            }

            foreach (var address in names.EnumerateIPAddresses())
            {
                yield return address.ToString();
            }
        }
    }

    public static bool Cover(X509Certificate2? certificate, string name) =>
        certificate is not null && certificate.MatchesHostname(name, allowWildcards: true, allowCommonName: false);
}
