using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// The names that a certificate is for, compared as a TLS client compares them (RFC 9525 section 6): without regard to case, in
/// A-labels, and with a wildcard as the whole left-most label, which matches exactly one label.
/// </summary>
internal static class CertificateNames
{
    private const string CommonName = "2.5.4.3";

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>The names, host names first.</summary>
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
    /// The names that some client takes it for. Where the certificate lists none, older clients look at the common name, and those
    /// are the ones that speak HTTP/1.1.
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

    /// <summary>Whether a client takes the certificate for that of the host.</summary>
    public static bool Cover(X509Certificate2? certificate, string host) => OfAnyClient(certificate).Any(name => Covers(name, host));

    /// <summary>Whether a client takes a certificate for this name for that of the host.</summary>
    public static bool Covers(string name, string host)
    {
        (name, host) = (Normalize(name), Normalize(host));
        return IsWildcard(name)
            ? !IPAddress.TryParse(host, out _) && host.IndexOf('.', StringComparison.Ordinal) is var end and > 0
                && host.AsSpan(end).Equals(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)
            : name.Equals(host, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A host to ask for: the name itself, or one under the wildcard.</summary>
    public static string ToHost(string name) => Normalize(IsWildcard(name) ? $"any{name[1..]}" : name is "*" ? "any.invalid" : name);

    private static bool IsWildcard(string name) => name.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>In A-labels, without the dot at the end, and an address in its usual form.</summary>
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
