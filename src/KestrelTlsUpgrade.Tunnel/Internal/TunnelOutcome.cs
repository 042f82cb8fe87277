namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>How a CONNECT ended.</summary>
internal enum TunnelOutcome
{
    /// <summary>The tunnel stood, and both sides came to their end in order.</summary>
    Completed,

    /// <summary>The tunnel stood, and the caller broke it off.</summary>
    CallerAborted,

    /// <summary>The tunnel stood, and the destination broke it off.</summary>
    DestinationAborted,

    /// <summary>The tunnel stood, and nothing went through it for too long.</summary>
    IdleTimeout,

    /// <summary>The tunnel stood, and the server stopped.</summary>
    ServerStopped,

    /// <summary>The tunnel stood, and the application ended it.</summary>
    Aborted,

    /// <summary>The request was not a CONNECT that can be understood.</summary>
    BadRequest,

    /// <summary>The request did not come to an end in time.</summary>
    RequestTimeout,

    /// <summary>The caller may not.</summary>
    Denied,

    /// <summary>The caller has to say who it is.</summary>
    ChallengeSent,

    /// <summary>Nobody may go there.</summary>
    DestinationForbidden,

    /// <summary>There are as many tunnels as there may be.</summary>
    Busy,

    /// <summary>There is no such name, or it cannot be resolved.</summary>
    NameNotResolved,

    /// <summary>The destination refuses connections.</summary>
    ConnectionRefused,

    /// <summary>There is no way to the destination.</summary>
    Unreachable,

    /// <summary>The destination did not answer in time.</summary>
    ConnectTimeout,

    /// <summary>The next proxy did not open the tunnel.</summary>
    NextProxyRefused,

    /// <summary>The next proxy does not work as one.</summary>
    NextProxyFailed,

    /// <summary>The caller left before it had an answer.</summary>
    CallerLeft,
}
