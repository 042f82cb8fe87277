namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="Cause">The cause, as in the tag <c>error.type</c>.</param>
/// <param name="Meaning">What that means, and what to do.</param>
/// <param name="Count">How often.</param>
internal sealed record FailureContent(string Cause, string Meaning, long Count);
