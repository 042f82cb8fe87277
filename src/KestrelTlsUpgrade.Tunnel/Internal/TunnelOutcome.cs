namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>How a CONNECT ended.</summary>
internal enum TunnelOutcome
{
    /// <summary>The tunnel was established, and both sides ended normally.</summary>
    Completed,

    /// <summary>The tunnel was established, and the caller aborted it.</summary>
    CallerAborted,

    /// <summary>The tunnel was established, and the destination aborted it.</summary>
    DestinationAborted,

    /// <summary>The tunnel was established, and was idle for too long.</summary>
    IdleTimeout,

    /// <summary>The tunnel was established, and the server stopped.</summary>
    ServerStopped,

    /// <summary>The tunnel was established, and the application ended it.</summary>
    Aborted,

    /// <summary>The request was not a valid CONNECT.</summary>
    BadRequest,

    /// <summary>The request was not complete in time.</summary>
    RequestTimeout,

    /// <summary>The caller is not allowed to open a tunnel.</summary>
    Denied,

    /// <summary>The caller has to authenticate.</summary>
    ChallengeSent,

    /// <summary>The destination is not allowed.</summary>
    DestinationForbidden,

    /// <summary>The limit of tunnels is reached.</summary>
    Busy,

    /// <summary>The name does not exist or cannot be resolved.</summary>
    NameNotResolved,

    /// <summary>The name was not resolved in time.</summary>
    NameTimeout,

    /// <summary>The name was not looked up in time, because too many other lookups were in progress.</summary>
    LookupsBusy,

    /// <summary>The destination refused the connection.</summary>
    ConnectionRefused,

    /// <summary>The destination is unreachable.</summary>
    Unreachable,

    /// <summary>The destination did not answer in time.</summary>
    ConnectTimeout,

    /// <summary>The next proxy did not open the tunnel.</summary>
    NextProxyRefused,

    /// <summary>The next proxy does not behave like a proxy.</summary>
    NextProxyFailed,

    /// <summary>The caller left before it got an answer.</summary>
    CallerLeft,
}
