using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>Checks whether a certificate is valid, and for how long.</summary>
internal static class CertificateValidity
{
    /// <summary>The time before expiry at which operators are reminded to renew.</summary>
    public static readonly TimeSpan Reminder = TimeSpan.FromDays(14);

    /// <summary>What is wrong with the certificate, as a phrase to append to its name; <see langword="null"/> if it is valid.</summary>
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

    /// <summary>Whether the certificate should be renewed, or has expired.</summary>
    public static bool IsDue(X509Certificate2 certificate, DateTimeOffset now) => now > certificate.NotAfter - Reminder;

    private static string Format(DateTime time) => time.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
