using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Reaches a verdict on a probe.</summary>
internal static class ProbeJudge
{
    /// <summary>Judges a probe.</summary>
    /// <param name="report">The results of the probe.</param>
    /// <param name="ignoresTrust">Whether to ignore the certificate's trust and names.</param>
    public static Verdict Judge(ProbeReport report, bool ignoresTrust)
    {
        if (!SpeaksHttp(report))
        {
            return new Verdict(ProbeOutcome.Unreachable, []);
        }

        IEnumerable<Finding> all =
        [
            .. UpgradeFindings.Of(report),
            .. ClientFindings.Of(report),
            .. TlsFindings.Of(report),
            .. report.Certificate is null ? [] : CertificateFindings.Of(report.Certificate, report.Target.Host, ignoresTrust),
        ];
        Finding[] findings = [.. all.OrderByDescending(static finding => finding.Severity)];
        if (report.Upgrades.All(static upgrade => upgrade.Outcome is not UpgradeOutcome.Upgraded))
        {
            return new Verdict(ProbeOutcome.DoesNotUpgrade, findings);
        }

        return new Verdict(
            findings.Any(static finding => finding.Severity > Severity.Note) ? ProbeOutcome.UpgradesWithFindings : ProbeOutcome.Upgrades,
            findings);
    }

    private static bool SpeaksHttp(ProbeReport report) =>
        report.PlainRequest?.Status is not null
        || report.Upgrades.Any(static upgrade => upgrade.Status is not null)
        || report.DirectTls.Any(static direct => direct.Status is not null);
}
