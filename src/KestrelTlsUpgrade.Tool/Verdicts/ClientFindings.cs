using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>
/// Findings about the clients that are answered after a 101. The first answer belongs to the plaintext upgrade request, which may come from
/// an attacker who puts a victim's https connection behind it (Opossum, CVE-2025-49812).
/// </summary>
internal static class ClientFindings
{
    public static IEnumerable<Finding> Of(ProbeReport report)
    {
        if (IsAnswered(report, ClientKind.Http2))
        {
            yield return new Finding(
                "opossum",
                Severity.Critical,
                "An https client can be put behind an upgrade: after a 101 a handshake with ALPN h2, http/1.1 is answered with application data (Opossum, CVE-2025-49812).");
        }
        else if (!report.Clients.Any(static client => client is { Client: ClientKind.Http2, Outcome: ClientOutcome.Refused })
            && report.Upgrades.Any(static upgrade => upgrade.Outcome is UpgradeOutcome.Upgraded))
        {
            // Only report as safe what was seen to be safe.
            yield return new Finding(
                "opossum-unclear",
                Severity.Warning,
                "It is unclear whether an https client can be put behind an upgrade: a handshake with ALPN h2, http/1.1 after a 101 was neither answered nor refused (CVE-2025-49812).");
        }
        else if (IsAnswered(report, ClientKind.Http1) || IsAnswered(report, ClientKind.NoAlpn))
        {
            yield return report.DirectTls.Any(static direct => direct is { Protocol: "HTTP/1.1", IsServed: true })
                ? new Finding(
                    "opossum-http1",
                    Severity.Warning,
                    "An https client that speaks HTTP/1.1 only can be put behind an upgrade, as this port serves it https too (CVE-2025-49812).")
                : new Finding(
                    "opossum-http1-elsewhere",
                    Severity.Note,
                    "An https client that speaks HTTP/1.1 only can be put behind an upgrade if another port serves it https under a name of this certificate (CVE-2025-49812).");
        }
    }

    private static bool IsAnswered(ProbeReport report, ClientKind kind) =>
        report.Clients.Any(client => client.Client == kind && client.Outcome is ClientOutcome.Answered);
}
