using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Probing.Results;

namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Findings about answers to offers and requests.</summary>
internal static class UpgradeFindings
{
    public static IEnumerable<Finding> Of(ProbeReport report)
    {
        if (report.Injection is { Outcome: InjectionOutcome.Executed } executed)
        {
            yield return new Finding(
                "cleartext-executed",
                Severity.Critical,
                $"A request in clear text behind {executed.Request} is answered as if it had come over TLS: anybody on the path can put one there.");
        }

        if (report.Injection is { Outcome: InjectionOutcome.Unclear } unclear)
        {
            // Only report as safe what was seen to be safe.
            yield return new Finding(
                "cleartext-unclear",
                Severity.Warning,
                $"It is unclear what becomes of a request in clear text behind {unclear.Request}: {unclear.Error}.");
        }

        foreach (var upgrade in report.Upgrades.Where(static upgrade => upgrade.Outcome is UpgradeOutcome.Broken))
        {
            yield return new Finding(
                "upgrade-broken", Severity.Warning, $"{upgrade.Request} is answered with 101, but not inside TLS: {upgrade.Error}.");
        }

        if (report.Tokens.FirstOrDefault(static token => token is { IsAccepted: true, NamesTls: false }) is { } unknown)
        {
            yield return new Finding(
                "unoffered-protocol",
                Severity.Note,
                $"{unknown.Request} with Upgrade: {unknown.Offer} is answered with 101, though it offers no TLS (RFC 9110 section 7.8).");
        }

        if (report.Upgrades.Any(static upgrade => upgrade.ConnectionNamesUpgrade is false))
        {
            yield return new Finding(
                "connection-without-upgrade",
                Severity.Note,
                "The 101 has no Connection: upgrade (RFC 9110 section 7.8). Proxies and strict clients reject it.");
        }

        if (report.Closure is { Outcome: ClosureOutcome.WithoutCloseNotify })
        {
            yield return new Finding(
                "no-close-notify",
                Severity.Note,
                "The server ends TLS without close_notify, so that a cut response may look whole (RFC 2818 section 2.2).");
        }
    }
}
