namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>What the first bytes of a connection are to the PROXY protocol.</summary>
internal enum ProxyHeaderKind
{
    /// <summary>A valid beginning of a header.</summary>
    Incomplete,

    /// <summary>Not a header, whatever follows.</summary>
    Invalid,

    /// <summary>A header that leaves the connection its own addresses, such as that of a health check.</summary>
    OwnAddresses,

    /// <summary>A header with the addresses of the connection between the client and the proxy.</summary>
    Proxied,
}
