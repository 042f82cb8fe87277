namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>A line of a report.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="State">What came of it, in a word.</param>
/// <param name="Tone">How that is meant.</param>
/// <param name="Detail">More of it.</param>
internal sealed record ReportRow(string Name, string State, Tone Tone, string Detail = "");
