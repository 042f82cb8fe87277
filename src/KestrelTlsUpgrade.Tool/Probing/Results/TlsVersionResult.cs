namespace KestrelTlsUpgrade.Tool.Probing.Results;

/// <summary>Whether the server accepts a TLS version after an upgrade.</summary>
/// <param name="Version">Such as <c>TLS 1.2</c>.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="CipherSuite">The cipher suite of the handshake.</param>
/// <param name="Error">Why the handshake failed.</param>
internal sealed record TlsVersionResult(string Version, TlsVersionOutcome Outcome, string? CipherSuite = null, string? Error = null);

/// <summary>The outcome of a handshake with one TLS version.</summary>
internal enum TlsVersionOutcome
{
    Accepted,
    Refused,

    /// <summary>The platform does not support the version.</summary>
    NotTestable,

    /// <summary>The handshake was never reached.</summary>
    Failed,
}
