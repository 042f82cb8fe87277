namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>The verdict on a probe.</summary>
/// <param name="Outcome">The overall outcome.</param>
/// <param name="Findings">The findings, most severe first.</param>
internal sealed record Verdict(ProbeOutcome Outcome, IReadOnlyList<Finding> Findings)
{
    public int ExitCode => Outcome switch
    {
        ProbeOutcome.Upgrades => Tool.ExitCode.Ok,
        ProbeOutcome.UpgradesWithFindings => Tool.ExitCode.Findings,
        ProbeOutcome.DoesNotUpgrade => Tool.ExitCode.NotUpgraded,
        _ => Tool.ExitCode.Unreachable,
    };
}

/// <summary>The overall outcome of a probe.</summary>
internal enum ProbeOutcome
{
    Upgrades,
    UpgradesWithFindings,
    DoesNotUpgrade,

    /// <summary>No connection, or the server does not speak HTTP.</summary>
    Unreachable,
}
