namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>What became of a handshake of one TLS version.</summary>
internal enum TlsVersionOutcome
{
    Accepted,
    Refused,

    /// <summary>This platform does not offer the version.</summary>
    NotTestable,

    /// <summary>It did not come to a handshake.</summary>
    Failed,
}
