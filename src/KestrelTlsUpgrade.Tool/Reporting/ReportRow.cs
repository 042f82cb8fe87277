namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>A line of a report.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="State">The outcome in one word.</param>
/// <param name="Tone">Whether the outcome is good or bad.</param>
/// <param name="Detail">Details.</param>
internal sealed record ReportRow(string Name, string State, Tone Tone, string Detail = "");
