namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Why a connection was refused, or its handshake failed.</summary>
internal enum FailureCause
{
    None,

    /// <summary>The client went on in clear text behind the 101.</summary>
    PlaintextAfter101,

    /// <summary>No TLS version in common.</summary>
    NoSharedVersion,

    /// <summary>No cipher suite, group or signature algorithm in common.</summary>
    NoSharedCipher,

    /// <summary>The client does not accept the server's certificate.</summary>
    ClientRejectedCertificate,

    /// <summary>A client certificate is required, and there was none.</summary>
    ClientCertificateMissing,

    /// <summary>The client's certificate is not accepted.</summary>
    ClientCertificateRejected,

    /// <summary>There are settings by server name, and none for this one.</summary>
    ServerNameUnknown,

    /// <summary>The client ended the handshake with an alert of another kind.</summary>
    ClientAlert,

    /// <summary>The handshake took too long.</summary>
    Timeout,

    /// <summary>The client ended the connection in order.</summary>
    Closed,

    /// <summary>The client reset the connection.</summary>
    Reset,

    /// <summary>The server ended the connection.</summary>
    Aborted,

    /// <summary>Something else, or something that cannot be told on this platform.</summary>
    HandshakeFailed,

    /// <summary>Refused: the ClientHello cannot be read whole.</summary>
    UnreadableHello,

    /// <summary>Refused: the TLS client offers h2, h2c or h3 behind a 101.</summary>
    Http2Offered,

    /// <summary>Refused: <see cref="TlsUpgradeClientMode.AwareOnly"/>, and the client does not say that it is.</summary>
    UnmarkedClient,

    /// <summary>Refused: the mark in the handshake is not that of the request in clear text.</summary>
    MarkMismatch,

    /// <summary>Refused: an unmarked client with GREASE or Encrypted Client Hello, as browsers send them, behind a 101.</summary>
    BrowserHello,

    /// <summary>Refused: no server name, where it could have been one of several.</summary>
    ServerNameMissing,

    /// <summary>Refused: the mark of an upgraded connection on one that began with TLS.</summary>
    MarkWithoutUpgrade,

    /// <summary>Refused: TLS reports something else than the ClientHello said.</summary>
    TlsDisagrees,

    /// <summary>Refused: the server name is not the host of the request in clear text.</summary>
    ServerNameMismatch,

    /// <summary>Refused: TLS from the first byte without HTTP/2.</summary>
    DirectHttp1,
}
