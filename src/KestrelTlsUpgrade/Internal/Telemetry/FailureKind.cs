namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>How a handshake failed.</summary>
internal enum FailureKind
{
    /// <summary>TLS failed, or the client sent an alert.</summary>
    Failed,

    /// <summary>One side closed the connection, or the handshake timed out.</summary>
    Gone,

    /// <summary>The endpoint refused the client.</summary>
    Refused,
}
