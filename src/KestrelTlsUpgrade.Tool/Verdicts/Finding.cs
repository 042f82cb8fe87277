namespace KestrelTlsUpgrade.Tool.Verdicts;

/// <summary>Something that a probe found.</summary>
/// <param name="Code">Its name, which stays the same.</param>
/// <param name="Severity">What it means.</param>
/// <param name="Text">What it is, in a sentence.</param>
internal sealed record Finding(string Code, Severity Severity, string Text);
