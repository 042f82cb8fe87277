namespace JsonApi.Printers;

/// <summary>What is known of a printer.</summary>
/// <param name="Printer">Its name.</param>
/// <param name="Report">Its last report, if there was one.</param>
/// <param name="ReportedAt">When that came.</param>
public sealed record PrinterStatus(string Printer, StatusReport? Report, DateTimeOffset? ReportedAt);
