namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>How the server ends TLS after a request with <c>Connection: close</c> (RFC 2818 section 2.2.2).</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Error">Why it is unclear.</param>
internal sealed record ClosureResult(ClosureOutcome Outcome, string? Error = null);

/// <summary>How a server ends TLS.</summary>
internal enum ClosureOutcome
{
    CloseNotify,

    /// <summary>The TCP connection ended without close_notify: a truncated response cannot be distinguished from a complete one.</summary>
    WithoutCloseNotify,

    /// <summary>The server did not close within the timeout, or this step was never reached.</summary>
    Unclear,
}
