namespace IppPrinter.Jobs;

/// <summary>RFC 8011 section 5.3.7.</summary>
internal enum JobState
{
    Pending = 3,

    /// <summary>It waits for documents.</summary>
    Held = 4,
    Processing = 5,
    Canceled = 7,
    Aborted = 8,
    Completed = 9,
}
