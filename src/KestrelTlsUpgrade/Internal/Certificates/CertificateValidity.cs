using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>Whether a certificate is valid, and for how long yet.</summary>
internal static class CertificateValidity
{
    /// <summary>From here on its owner is reminded of the renewal.</summary>
    public static readonly TimeSpan Reminder = TimeSpan.FromDays(14);

    /// <summary>What is wrong with the certificate now, in words that go on from its name; <see langword="null"/> if nothing is.</summary>
    public static string? FindFault(X509Certificate2 certificate, DateTimeOffset now)
    {
        if (now > certificate.NotAfter)
        {
            return $"expired on {Format(certificate.NotAfter)}. Renew it.";
        }

        return now < certificate.NotBefore
            ? $"is not valid before {Format(certificate.NotBefore)}. Check the certificate and the clock of this machine."
            : null;
    }

    /// <summary>Whether it is time to renew it, or past that.</summary>
    public static bool IsDue(X509Certificate2 certificate, DateTimeOffset now) => now > certificate.NotAfter - Reminder;

    private static string Format(DateTime time) => time.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
