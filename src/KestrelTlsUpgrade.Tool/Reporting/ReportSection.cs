namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Lines of a report under a heading.</summary>
internal sealed record ReportSection(string Title, IReadOnlyList<ReportRow> Rows);
