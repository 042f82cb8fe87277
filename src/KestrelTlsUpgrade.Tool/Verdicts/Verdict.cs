namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>What a probe comes to.</summary>
/// <param name="Outcome">In a word.</param>
/// <param name="Findings">The gravest first.</param>
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

/// <summary>What a probe comes to.</summary>
internal enum ProbeOutcome
{
    Upgrades,
    UpgradesWithFindings,
    DoesNotUpgrade,

    /// <summary>No connection, or nobody there who speaks HTTP.</summary>
    Unreachable,
}
