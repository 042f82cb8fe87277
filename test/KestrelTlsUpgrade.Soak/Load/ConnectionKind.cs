namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>How requests get to the server.</summary>
internal enum ConnectionKind
{
    /// <summary>In clear text.</summary>
    Plaintext,

    /// <summary>The first request upgrades the connection.</summary>
    UpgradeFirst,

    /// <summary>A later request upgrades the connection.</summary>
    UpgradeLater,

    /// <summary>TLS from the first byte, HTTP/1.1.</summary>
    DirectTlsHttp1,

    /// <summary>In clear text through a tunnel.</summary>
    Tunnel,

    /// <summary>The first request in a tunnel upgrades the connection to the server.</summary>
    TunnelUpgrade,

    /// <summary>In clear text through a tunnel whose connection to the proxy was upgraded.</summary>
    UpgradedTunnel,

    /// <summary>TLS from the first byte, HTTP/2, several requests at a time.</summary>
    DirectTlsHttp2,

    /// <summary>HttpClient with the handler that upgrades.</summary>
    Client,

    /// <summary>HttpClient with the handler that upgrades, through a tunnel.</summary>
    ClientTunnel,

    /// <summary>On connections of several kinds: the response begins before a server is told to stop, and ends after its stop has begun.</summary>
    InFlightAtStop,

    /// <summary>Upgraded connections that are held, and used once at the end.</summary>
    Idle,
}
