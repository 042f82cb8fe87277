namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Lines of a report under a heading.</summary>
internal sealed record ReportSection(string Title, IReadOnlyList<ReportRow> Rows);

/// <summary>A line of a report.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="State">The outcome in one word.</param>
/// <param name="Tone">Whether the outcome is good or bad.</param>
/// <param name="Detail">Details.</param>
internal sealed record ReportRow(string Name, string State, Tone Tone, string Detail = "");

/// <summary>Whether an outcome is good or bad. Selects its colour; the text says it as well.</summary>
internal enum Tone
{
    Neutral,
    Good,
    Bad,
    Warning,
}
