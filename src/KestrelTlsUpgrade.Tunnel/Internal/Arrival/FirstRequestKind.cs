namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>What the first bytes of a connection say about it.</summary>
internal enum FirstRequestKind
{
    /// <summary>Too few bytes to tell.</summary>
    Undecided,

    /// <summary>Kestrel's to judge, whatever it is.</summary>
    Other,

    /// <summary>An <c>OPTIONS *</c>, which a CONNECT may come behind.</summary>
    LeadingOptions,

    /// <summary>A CONNECT whose head has not come to its end.</summary>
    Incomplete,

    /// <summary>A CONNECT with a complete head.</summary>
    Connect,

    /// <summary>A CONNECT whose lines do not end as they must.</summary>
    Malformed,

    /// <summary>A CONNECT whose head is longer than the server allows.</summary>
    TooLong,

    /// <summary>A CONNECT whose head has not come to its end in time.</summary>
    TimedOut,

    /// <summary>The connection is to be closed before it said anything.</summary>
    Ended,
}
