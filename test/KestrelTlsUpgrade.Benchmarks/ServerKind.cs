namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>What a server process serves.</summary>
internal enum ServerKind
{
    /// <summary>An upgrade endpoint, which also takes TLS from the first byte.</summary>
    Upgradable,

    /// <summary>A plaintext endpoint of stock Kestrel.</summary>
    Plaintext,

    /// <summary>An endpoint of stock Kestrel with UseHttps.</summary>
    Https,
}
