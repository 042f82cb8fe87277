namespace KestrelTlsUpgrade.Connections.Sniffing;

/// <summary>Why no more bytes are waited for.</summary>
internal enum PeekEnd
{
    None,

    /// <summary>The client has closed its side.</summary>
    Completed,

    /// <summary>The time is up.</summary>
    TimedOut,

    /// <summary>The server shuts down.</summary>
    ShutDown,

    /// <summary>The client is gone. The next reader gets the same exception.</summary>
    Failed,
}
