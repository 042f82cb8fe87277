namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>Why a wait for bytes ended.</summary>
internal enum PeekEnd
{
    None,

    /// <summary>The client has closed its side of the connection.</summary>
    Completed,

    /// <summary>The timeout has elapsed.</summary>
    TimedOut,

    /// <summary>The server is shutting down.</summary>
    ShutDown,

    /// <summary>The read failed. The next reader gets the same exception.</summary>
    Failed,
}
