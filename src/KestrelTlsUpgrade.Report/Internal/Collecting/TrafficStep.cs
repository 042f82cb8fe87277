namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>A part of the time that a report covers.</summary>
/// <param name="From">When it begins.</param>
/// <param name="Counts">What has happened in it.</param>
internal sealed record TrafficStep(DateTimeOffset From, TrafficCounts Counts);
