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

    /// <summary>A request of HttpClient over an upgraded connection that stays.</summary>
    HttpClientUpgraded,

    /// <summary>A request of HttpClient over https on a connection that stays.</summary>
    HttpClientHttps,

    /// <summary>A new upgraded connection of HttpClient with one request.</summary>
    HttpClientNewUpgraded,

    /// <summary>A new https connection of HttpClient with one request.</summary>
    HttpClientNewHttps,
}
