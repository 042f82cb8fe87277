using KestrelTlsUpgrade.Soak.Server;

namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>A stage in the life of the last server: how its memory grew, and how it was at the end, after a full collection of garbage.</summary>
internal sealed record StageReport(string Stage, double Seconds, int Samples, Slope? WorkingSet, Slope? ManagedHeap, ServerSample End)
{
    public static StageReport Create(string stage, IReadOnlyList<(TimeSpan Time, ServerSample Sample)> samples, ServerSample end) => new(
        stage,
        Math.Round(samples.Count == 0 ? 0 : (samples[^1].Time - samples[0].Time).TotalSeconds),
        samples.Count,
        samples.Count == 0 ? null : Slope.Fit([.. samples.Select(static point => (point.Time, point.Sample.WorkingSetMiB))]),
        samples.Count == 0 ? null : Slope.Fit([.. samples.Select(static point => (point.Time, point.Sample.ManagedHeapMiB))]),
        end);
}
