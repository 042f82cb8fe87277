namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether a server takes a TLS version after an upgrade.</summary>
/// <param name="Version">Such as <c>TLS 1.2</c>.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="CipherSuite">The cipher suite of the handshake.</param>
/// <param name="Error">Why there was none.</param>
internal sealed record TlsVersionResult(string Version, TlsVersionOutcome Outcome, string? CipherSuite = null, string? Error = null);

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
