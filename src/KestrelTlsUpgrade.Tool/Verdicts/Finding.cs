namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Something that a probe found.</summary>
/// <param name="Code">Its name, which stays the same.</param>
/// <param name="Severity">What it means.</param>
/// <param name="Text">What it is, in a sentence.</param>
internal sealed record Finding(string Code, Severity Severity, string Text);

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
