namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>What the first bytes of a request are.</summary>
internal enum RequestStartKind
{
    /// <summary>Nothing, or nothing but empty lines.</summary>
    Empty,

    /// <summary>Too few bytes to decide.</summary>
    Undecided,

    /// <summary>For Kestrel's HTTP to serve or to refuse.</summary>
    Http,

    /// <summary>A CONNECT.</summary>
    Connect,

    /// <summary>A request in absolute-form for another server.</summary>
    Misdirected,
}
