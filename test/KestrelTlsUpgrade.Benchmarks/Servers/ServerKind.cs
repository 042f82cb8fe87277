namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>What a server process serves.</summary>
internal enum ServerKind
{
    /// <summary>An upgrade endpoint, which also takes TLS from the first byte.</summary>
    Upgradable,

    /// <summary>An upgrade endpoint that only looks on: it counts offers and accepts none.</summary>
    LookingOn,

    /// <summary>An upgrade endpoint that accepts the offers of some callers, by network and product.</summary>
    Listed,

    /// <summary>A plaintext endpoint of stock Kestrel.</summary>
    Plaintext,

    /// <summary>An endpoint of stock Kestrel with UseHttps.</summary>
    Https,

    /// <summary>An https endpoint of nginx, a worker process for each core.</summary>
    Nginx,

    /// <summary>An https endpoint of Apache httpd with mpm_event.</summary>
    Apache,

    /// <summary>CUPS's scheduler, which upgrades.</summary>
    Cupsd,
}
