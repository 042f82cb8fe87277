using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>Checks whether a certificate is valid, and for how long.</summary>
internal static class CertificateValidity
{
    /// <summary>The longest time before expiry at which operators are reminded to renew.</summary>
    private static readonly TimeSpan LongestReminder = TimeSpan.FromDays(14);

    /// <summary>
    /// Certificates are renewed when a third of their lifetime is left, or half of it if they are short-lived. With a sixth left, renewal
    /// has failed.
    /// </summary>
    private const int ReminderFraction = 6;

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

    /// <summary>Whether the certificate is readable and valid.</summary>
    public static bool IsValid(X509Certificate2 certificate, DateTimeOffset now)
    {
        try
        {
            return FindFault(certificate, now) is null;
        }
        catch (CryptographicException)
        {
            // The application has disposed of the certificate.
            return false;
        }
    }

    /// <summary>How long before expiry the operator is reminded: 14 days, or a sixth of the lifetime if that is shorter.</summary>
    public static TimeSpan GetReminder(X509Certificate2 certificate)
    {
        var share = (certificate.NotAfter.ToUniversalTime() - certificate.NotBefore.ToUniversalTime()) / ReminderFraction;
        return share < LongestReminder ? share : LongestReminder;
    }

    /// <summary>Whether the certificate should be renewed, or has expired.</summary>
    public static bool IsDue(X509Certificate2 certificate, DateTimeOffset now) => certificate.NotAfter - now < GetReminder(certificate);

    private static string Format(DateTime time) => time.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
