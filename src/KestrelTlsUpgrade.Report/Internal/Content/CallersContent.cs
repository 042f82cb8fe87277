namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="Capacity">The most callers that are remembered.</param>
/// <param name="Displaced">How often one with few requests has lost its place to another.</param>
/// <param name="All">Those that have been answered in clear text or have failed to upgrade, the one with the most requests first.</param>
internal sealed record CallersContent(int Capacity, long Displaced, IReadOnlyList<CallerContent> All);
