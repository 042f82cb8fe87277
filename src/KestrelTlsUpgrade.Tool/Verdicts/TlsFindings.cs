using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Findings about TLS versions.</summary>
internal static class TlsFindings
{
    public static IEnumerable<Finding> Of(ProbeReport report)
    {
        string[] old = [.. Accepted(report).Where(static version => version is "TLS 1.0" or "TLS 1.1")];
        if (old.Length > 0)
        {
            yield return new Finding("old-tls", Severity.Warning, $"{string.Join(" and ", old)} must not be accepted any more (RFC 8996).");
        }

        if (Accepted(report).Any() && !Accepted(report).Contains("TLS 1.3"))
        {
            yield return new Finding("no-tls13", Severity.Note, "TLS 1.3 is not accepted (RFC 9325 section 3.1.1).");
        }
    }

    private static IEnumerable<string> Accepted(ProbeReport report) =>
        report.TlsVersions.Where(static result => result.Outcome is TlsVersionOutcome.Accepted).Select(static result => result.Version);
}
