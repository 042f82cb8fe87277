using System.Globalization;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The text about a certificate.</summary>
internal static class CertificateWords
{
    public static string Of(CertificateState state) => state switch
    {
        CertificateState.Valid => "valid",
        CertificateState.ExpiresSoon => "⚠ expires soon: renew it",
        CertificateState.Expired => "⚠ clients refuse it: renew it",
        CertificateState.NotYetValid => "⚠ not valid yet",
        CertificateState.Unreadable => "⚠ cannot be read",
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    public static string FormatDays(int days) => days switch
    {
        < 0 => "expired",
        1 => "1 day",
        _ => string.Create(CultureInfo.InvariantCulture, $"{days:N0} days"),
    };
}
