namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>What the first bytes of a connection are.</summary>
internal enum FirstRequestKind
{
    /// <summary>Too few bytes to decide.</summary>
    Undecided,

    /// <summary>Left to Kestrel.</summary>
    Other,

    /// <summary>An <c>OPTIONS *</c>, which may be followed by a CONNECT.</summary>
    LeadingOptions,

    /// <summary>A CONNECT whose head is incomplete.</summary>
    Incomplete,

    /// <summary>A CONNECT with a complete head.</summary>
    Connect,

    /// <summary>A CONNECT with invalid line ends.</summary>
    Malformed,

    /// <summary>A CONNECT whose head is longer than the server allows.</summary>
    TooLong,

    /// <summary>A CONNECT whose head was not complete in time.</summary>
    TimedOut,

    /// <summary>The connection is being closed before it sent anything.</summary>
    Ended,
}
