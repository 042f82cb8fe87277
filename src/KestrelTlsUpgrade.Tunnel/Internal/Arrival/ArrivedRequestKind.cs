namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>What the first bytes of a request are.</summary>
internal enum ArrivedRequestKind
{
    /// <summary>Too few bytes to decide.</summary>
    Undecided,

    /// <summary>Left to Kestrel.</summary>
    Other,

    /// <summary>Too few bytes to decide, and the time to wait for more is over. Left to Kestrel.</summary>
    Unclear,

    /// <summary>Nothing: the caller has ended its side. Left to Kestrel.</summary>
    Left,

    /// <summary>A CONNECT whose head is incomplete: the caller has ended its side. Left to Kestrel.</summary>
    BrokenOff,

    /// <summary>A request in absolute-form for another server.</summary>
    Misdirected,

    /// <summary>A CONNECT whose head is incomplete.</summary>
    Incomplete,

    /// <summary>A CONNECT with a complete head.</summary>
    Connect,

    /// <summary>A CONNECT behind requests that Kestrel has served.</summary>
    Late,

    /// <summary>A CONNECT with invalid line ends, or something else where only a CONNECT is valid.</summary>
    Malformed,

    /// <summary>A CONNECT whose head is longer than the server allows.</summary>
    TooLong,

    /// <summary>A CONNECT whose head was not complete in time.</summary>
    TimedOut,

    /// <summary>The connection is being closed before it sent anything.</summary>
    Ended,
}
