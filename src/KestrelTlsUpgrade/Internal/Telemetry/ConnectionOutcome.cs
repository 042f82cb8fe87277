namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>How a connection ended up. Told once of each: when TLS stands or has failed, or else at its end.</summary>
internal enum ConnectionOutcome
{
    /// <summary>It ended without a byte of the client.</summary>
    Silent,

    /// <summary>It spoke clear text to its end.</summary>
    Plaintext,

    /// <summary>It was upgraded.</summary>
    Upgraded,

    /// <summary>It began with TLS, and is served.</summary>
    DirectTls,

    /// <summary>Its TLS stood, but this client may not go on.</summary>
    Refused,

    /// <summary>Its TLS handshake did not come to an end.</summary>
    Failed,
}
