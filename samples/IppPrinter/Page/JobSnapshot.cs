using IppPrinter.Jobs;

namespace IppPrinter.Page;

/// <summary>A row of the page.</summary>
internal sealed record JobSnapshot(int Id, string Name, string User, string State, long Length, string[] Formats, DateTimeOffset CreatedAt)
{
    public static JobSnapshot Of(Job job) => new(
        job.Id,
        job.Name,
        job.User,
        job.State is JobState.Held ? "receiving" : job.State.ToString().ToLowerInvariant(),
        job.Length,
        [.. job.Documents.Select(static document => document.MediaType).Distinct()],
        job.CreatedAt);
}
