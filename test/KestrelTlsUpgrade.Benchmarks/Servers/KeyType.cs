namespace KestrelTlsUpgrade.Benchmarks.Servers;

/// <summary>The key of a server's certificate.</summary>
internal enum KeyType
{
    /// <summary>ECDSA with P-256.</summary>
    Ecdsa,

    /// <summary>RSA with 2048 bits.</summary>
    Rsa,

    /// <summary>ECDSA with P-384.</summary>
    EcdsaP384,

    /// <summary>RSA with 3072 bits.</summary>
    Rsa3072,

    /// <summary>RSA with 4096 bits.</summary>
    Rsa4096,
}
