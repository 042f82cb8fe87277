namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>How a connection comes to its first response.</summary>
internal enum Opening
{
    /// <summary>A request in clear text.</summary>
    Plaintext,

    /// <summary>TLS at once, and a request.</summary>
    Tls,

    /// <summary>A first request that upgrades, and is answered over TLS.</summary>
    UpgradeFirst,

    /// <summary>A request in clear text, and a second one that upgrades.</summary>
    UpgradeLater,
}
