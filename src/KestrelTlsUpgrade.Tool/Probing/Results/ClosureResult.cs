namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>How the server ends TLS after a request with <c>Connection: close</c> (RFC 2818 section 2.2.2).</summary>
/// <param name="Outcome">How.</param>
/// <param name="Error">Why it is unclear.</param>
internal sealed record ClosureResult(ClosureOutcome Outcome, string? Error = null);
