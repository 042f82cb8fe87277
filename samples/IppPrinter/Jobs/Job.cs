using IppPrinter.Ipp;
using IppPrinter.Spooling;

namespace IppPrinter.Jobs;

/// <summary>A job as it is at one moment. <see cref="JobQueue"/> changes it by another one.</summary>
internal sealed record Job
{
    public required int Id { get; init; }

    public required Guid Uuid { get; init; }

    public required string Name { get; init; }

    public required string User { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the client wants, as it said it.</summary>
    public required IReadOnlyList<IppAttribute> Template { get; init; }

    public JobState State { get; init; } = JobState.Held;

    /// <summary>A keyword of RFC 8011 section 5.3.8.</summary>
    public string Reason { get; init; } = "job-incoming";

    public IReadOnlyList<SpooledDocument> Documents { get; init; } = [];

    /// <summary>Whether a document is on its way.</summary>
    public bool IsReceiving { get; init; }

    /// <summary>When the client sent something last.</summary>
    public DateTimeOffset HeardOfAt { get; init; }

    public DateTimeOffset? ProcessingAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public bool HasEnded => State >= JobState.Canceled;

    public long Length => Documents.Sum(static document => document.Length);
}
