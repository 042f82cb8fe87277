namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>The key of a server's certificate.</summary>
internal enum KeyType
{
    /// <summary>ECDSA with P-256.</summary>
    Ecdsa,

    /// <summary>RSA with 2048 bits.</summary>
    Rsa,
}
