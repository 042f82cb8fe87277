namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>What the first bytes of a connection are to the PROXY protocol.</summary>
internal enum ProxyHeaderKind
{
    /// <summary>The beginning of a header, as far as it goes.</summary>
    Incomplete,

    /// <summary>No header, whatever follows.</summary>
    Invalid,

    /// <summary>A header that leaves the connection its own addresses, such as that of a health check.</summary>
    OwnAddresses,

    /// <summary>A header with the addresses of the connection between the client and the proxy.</summary>
    Proxied,
}
