namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Something that a probe found.</summary>
/// <param name="Code">Its stable identifier.</param>
/// <param name="Severity">Its severity.</param>
/// <param name="Text">Its description, as a sentence.</param>
internal sealed record Finding(string Code, Severity Severity, string Text);

/// <summary>How serious a finding is for the server's operator.</summary>
internal enum Severity
{
    /// <summary>For information. Does not change the exit code.</summary>
    Note,

    /// <summary>Should be fixed.</summary>
    Warning,

    /// <summary>An attacker on the path gains an advantage.</summary>
    Critical,
}
