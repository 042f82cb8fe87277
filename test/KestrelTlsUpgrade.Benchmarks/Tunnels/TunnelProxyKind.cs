namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>Proxies that tunnel.</summary>
internal enum TunnelProxyKind
{
    /// <summary>Kestrel with UseConnectTunnel.</summary>
    Ours,

    /// <summary>Squid, one process.</summary>
    Squid,

    /// <summary>Tinyproxy, a thread for each tunnel.</summary>
    Tinyproxy,

    /// <summary>Apache httpd with mod_proxy_connect and mpm_event, a thread for each tunnel.</summary>
    Apache,
}
