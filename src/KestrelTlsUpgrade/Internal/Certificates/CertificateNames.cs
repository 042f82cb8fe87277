using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// The names in a certificate, compared as TLS clients compare them (RFC 9525 section 6): ignoring case, in A-labels, and with a wildcard
/// only as the whole left-most label, matching exactly one label.
/// </summary>
internal static class CertificateNames
{
    private const string CommonName = "2.5.4.3";

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>The names, with host names first.</summary>
    public static IEnumerable<string> Of(X509Certificate2? certificate)
    {
        X509SubjectAlternativeNameExtension[] all = [.. certificate?.Extensions.OfType<X509SubjectAlternativeNameExtension>() ?? []];
        return
        [
            .. all.SelectMany(static names => names.EnumerateDnsNames()),
            .. all.SelectMany(static names => names.EnumerateIPAddresses()).Select(static address => address.ToString()),
        ];
    }

    /// <summary>
    /// The names that any client accepts. Without subject alternative names, older clients use the common name, and these are the ones that
    /// speak HTTP/1.1.
    /// </summary>
    public static IEnumerable<string> OfAnyClient(X509Certificate2? certificate)
    {
        string[] names = [.. Of(certificate)];
        return names.Length > 0 || certificate is null ? names
            : certificate.SubjectName.EnumerateRelativeDistinguishedNames()
                .Where(static part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
                .Select(static part => part.GetSingleElementValue())
                .OfType<string>();
    }

    /// <summary>Whether a client accepts the certificate for the host.</summary>
    public static bool Cover(X509Certificate2? certificate, string host) => OfAnyClient(certificate).Any(name => Covers(name, host));

    /// <summary>Whether a client accepts a certificate with this name for the host.</summary>
    public static bool Covers(string name, string host)
    {
        (name, host) = (Normalize(name), Normalize(host));
        return IsWildcard(name)
            ? !IPAddress.TryParse(host, out _) && host.IndexOf('.', StringComparison.Ordinal) is var end and > 0
                && host.AsSpan(end).Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)
            : name.Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A host that matches the name: the name itself, or a host under the wildcard.</summary>
    public static string ToHost(string name) => Normalize(IsWildcard(name) ? $"any{name[1..]}" : name is "*" ? "any.invalid" : name);

    private static bool IsWildcard(string name) => name.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>Converts a name to A-labels without the trailing dot, and an address to its canonical form.</summary>
    private static string Normalize(string name)
    {
        name = name.EndsWith('.') ? name[..^1] : name;
        if (IPAddress.TryParse(name, out var address))
        {
            return address.ToString();
        }

        try
        {
            return Ascii.IsValid(name) ? name : Idn.GetAscii(name.ToLowerInvariant());
        }
        catch (ArgumentException)
        {
            return name;
        }
    }
}
