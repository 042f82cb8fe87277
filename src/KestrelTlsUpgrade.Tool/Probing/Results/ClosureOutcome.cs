namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>How a server ends TLS.</summary>
internal enum ClosureOutcome
{
    CloseNotify,

    /// <summary>The TCP connection ends, and TLS without close_notify: a cut response cannot be told from a whole one.</summary>
    WithoutCloseNotify,

    /// <summary>It did not close within the timeout, or it did not come to that.</summary>
    Unclear,
}
