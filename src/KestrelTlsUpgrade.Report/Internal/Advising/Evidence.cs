using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Advising;

/// <summary>What the advice rests on.</summary>
/// <param name="Callers">The callers, with what has been seen of them under the settings in force.</param>
/// <param name="Counted">For how long it has been counted under these settings.</param>
/// <param name="IsComplete">Whether no caller has lost its place to another.</param>
internal sealed record Evidence(IReadOnlyList<CallerContent> Callers, TimeSpan Counted, bool IsComplete = true);
