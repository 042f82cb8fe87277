namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>What a client does over and over.</summary>
internal enum Load
{
    /// <summary>A request on a connection that stays.</summary>
    KeepAlive,

    /// <summary>A new plaintext connection with one request.</summary>
    NewPlaintext,

    /// <summary>A new connection that starts TLS at once, with one request.</summary>
    NewTls,

    /// <summary>A new connection whose first request upgrades it.</summary>
    UpgradeFirst,

    /// <summary>A new connection whose second request upgrades it.</summary>
    UpgradeLater,
}
