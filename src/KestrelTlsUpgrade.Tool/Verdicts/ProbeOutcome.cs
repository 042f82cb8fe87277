namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>What a probe comes to.</summary>
internal enum ProbeOutcome
{
    Upgrades,
    UpgradesWithFindings,
    DoesNotUpgrade,

    /// <summary>No connection, or nobody there who speaks HTTP.</summary>
    Unreachable,
}
