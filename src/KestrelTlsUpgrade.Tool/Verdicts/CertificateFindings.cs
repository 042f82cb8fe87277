using System.Globalization;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Findings about the certificate.</summary>
internal static class CertificateFindings
{
    /// <summary>How long before its end a certificate is reported, the same as the server's own reminder.</summary>
    public const int ReminderDays = 14;

    public static IEnumerable<Finding> Of(CertificateResult certificate, string host, bool ignoresTrust)
    {
        if (certificate.Error is not null)
        {
            yield break;
        }

        if (DateFinding(certificate) is { } dates)
        {
            yield return dates;
        }

        if (ignoresTrust)
        {
            yield break;
        }

        if (certificate.MatchesHost is false)
        {
            yield return new Finding("certificate-name", Severity.Warning, $"The certificate is not for {host}.");
        }

        // Invalid dates have their own, clearer finding.
        string[] problems = [.. certificate.TrustProblems!.Where(static problem => problem is not "NotTimeValid")];
        if (certificate.IsTrusted is false && (problems.Length > 0 || certificate.IsInDate is true))
        {
            yield return new Finding(
                "certificate-untrusted", Severity.Warning, $"The certificate is not trusted here: {string.Join(", ", problems)}.");
        }
    }

    private static Finding? DateFinding(CertificateResult certificate)
    {
        if (certificate.IsInDate is false)
        {
            return certificate.DaysLeft < 0
                ? new Finding("certificate-expired", Severity.Warning, $"The certificate ended on {Day(certificate.NotAfter!.Value)}.")
                : new Finding("certificate-not-yet-valid", Severity.Warning, $"The certificate begins on {Day(certificate.NotBefore!.Value)}.");
        }

        return certificate.DaysLeft < ReminderDays
            ? new Finding("certificate-expires-soon", Severity.Warning, $"The certificate ends on {Day(certificate.NotAfter!.Value)}, in {certificate.DaysLeft} days.")
            : null;
    }

    private static string Day(DateTimeOffset time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
