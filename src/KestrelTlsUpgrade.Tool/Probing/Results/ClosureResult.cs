namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>How the server ends TLS after a request with <c>Connection: close</c> (RFC 2818 section 2.2.2).</summary>
/// <param name="Outcome">How.</param>
/// <param name="Error">Why it is unclear.</param>
internal sealed record ClosureResult(ClosureOutcome Outcome, string? Error = null);

/// <summary>How a server ends TLS.</summary>
internal enum ClosureOutcome
{
    CloseNotify,

    /// <summary>The TCP connection ends, and TLS without close_notify: a cut response cannot be told from a whole one.</summary>
    WithoutCloseNotify,

    /// <summary>It did not close within the timeout, or it did not come to that.</summary>
    Unclear,
}
