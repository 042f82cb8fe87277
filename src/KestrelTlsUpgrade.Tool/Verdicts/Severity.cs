namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>What a finding means for whoever runs the server.</summary>
internal enum Severity
{
    /// <summary>Good to know. Does not change the exit code.</summary>
    Note,

    /// <summary>To be put right.</summary>
    Warning,

    /// <summary>An attacker on the path gains something.</summary>
    Critical,
}
