namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Outcome of a connection. Reported once: when the handshake completes or fails, otherwise at close.</summary>
internal enum ConnectionOutcome
{
    /// <summary>Closed without a byte from the client.</summary>
    Silent,

    /// <summary>Stayed in clear text until it closed.</summary>
    Plaintext,

    /// <summary>Upgraded to TLS.</summary>
    Upgraded,

    /// <summary>Began with TLS, and is served.</summary>
    DirectTls,

    /// <summary>The TLS client was refused.</summary>
    Refused,

    /// <summary>The TLS handshake failed.</summary>
    Failed,
}
