namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>How a handshake ended that did not complete.</summary>
internal enum FailureKind
{
    /// <summary>TLS failed, or the client ended it with an alert.</summary>
    Failed,

    /// <summary>One side went away, or took too long.</summary>
    Gone,

    /// <summary>The endpoint refused the client.</summary>
    Refused,
}
