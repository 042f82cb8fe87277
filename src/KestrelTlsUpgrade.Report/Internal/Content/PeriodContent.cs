namespace KestrelTlsUpgrade.Report.Internal.Content;

/// <param name="StepSeconds">The length of a step.</param>
/// <param name="Requests">Requests by how they arrived; one that was upgraded counts once, as that.</param>
/// <param name="Connections">Connections by how they ended up.</param>
/// <param name="Failures">Why handshakes failed and connections were refused, the commonest first.</param>
/// <param name="Refusals">Requests that were refused because of how they arrived, by status.</param>
/// <param name="Steps">The same in steps, the oldest first.</param>
internal sealed record PeriodContent(
    int StepSeconds,
    RequestsContent Requests,
    ConnectionsContent Connections,
    IReadOnlyList<FailureContent> Failures,
    IReadOnlyDictionary<string, long> Refusals,
    IReadOnlyList<StepContent> Steps);

/// <param name="Cause">The cause, as in the tag <c>error.type</c>.</param>
/// <param name="Meaning">What that means, and what to do.</param>
/// <param name="Count">How often.</param>
internal sealed record FailureContent(string Cause, string Meaning, long Count);

internal sealed record StepContent(DateTimeOffset From, RequestsContent Requests, ConnectionsContent Connections);
