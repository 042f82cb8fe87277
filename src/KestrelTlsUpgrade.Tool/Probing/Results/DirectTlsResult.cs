namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether the port serves https from the first byte.</summary>
/// <param name="Protocol"><c>HTTP/2</c> or <c>HTTP/1.1</c>, and nothing else in ALPN.</param>
/// <param name="IsServed">Whether there was an answer, other than <c>505 HTTP Version Not Supported</c>.</param>
/// <param name="Status">The status code.</param>
/// <param name="Error">Why there was no answer.</param>
internal sealed record DirectTlsResult(string Protocol, bool IsServed = false, int? Status = null, string? Error = null);
