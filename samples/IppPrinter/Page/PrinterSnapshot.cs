using IppPrinter.Jobs;

namespace IppPrinter.Page;

/// <summary>What the page shows.</summary>
internal sealed record PrinterSnapshot(string Name, string Location, string State, IReadOnlyList<JobSnapshot> Jobs)
{
    private const int MaxJobs = 100;

    public static PrinterSnapshot Of(IReadOnlyList<Job> jobs, PrinterOptions options) => new(
        options.Name,
        options.Location,
        jobs.Any(static job => job.State is JobState.Processing) ? "printing" : "idle",
        [.. jobs.Reverse().Take(MaxJobs).Select(JobSnapshot.Of)]);
}
