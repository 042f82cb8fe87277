namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether the port serves https from the first byte.</summary>
/// <param name="Protocol"><c>HTTP/2</c>, offered in ALPN together with HTTP/1.1, or <c>HTTP/1.1</c> alone.</param>
/// <param name="IsServed">Whether the server answered with anything other than <c>505 HTTP Version Not Supported</c>.</param>
/// <param name="Status">The status code.</param>
/// <param name="Error">Why there was no answer.</param>
internal sealed record DirectTlsResult(string Protocol, bool IsServed = false, int? Status = null, string? Error = null);
