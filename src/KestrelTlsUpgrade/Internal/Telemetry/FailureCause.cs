
namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>Why a client was refused, or its handshake failed.</summary>
internal enum FailureCause
{
    None,

    /// <summary>The client continued in clear text after the 101.</summary>
    PlaintextAfter101,

    /// <summary>Client and server have no TLS version in common.</summary>
    NoSharedVersion,

    /// <summary>Client and server have no cipher suite, group or signature algorithm in common.</summary>
    NoSharedCipher,

    /// <summary>The client rejected the server's certificate.</summary>
    ClientRejectedCertificate,

    /// <summary>The client closed or reset the connection, without an alert, after it had received the server's certificate.</summary>
    GoneAfterCertificate,

    /// <summary>The client rejected the server's certificate, which does not name the host that it asked for.</summary>
    NameNotInCertificate,

    /// <summary>
    /// The client left after the handshake as one that rejects the certificate does. Not the outcome of a connection: the handshake has
    /// completed.
    /// </summary>
    GoneAfterHandshake,

    /// <summary>
    /// The offer was declined because TLS has failed for the caller before. Not the outcome of a connection: the health check counts it.
    /// </summary>
    FellBack,

    /// <summary>A client certificate is required, and the client sent none.</summary>
    ClientCertificateMissing,

    /// <summary>The client's certificate was rejected.</summary>
    ClientCertificateRejected,

    /// <summary>Settings by server name exist, but none for this name.</summary>
    ServerNameUnknown,

    /// <summary>The client ended the handshake with another alert.</summary>
    ClientAlert,

    /// <summary>The handshake timed out.</summary>
    Timeout,

    /// <summary>The client closed the connection normally.</summary>
    Closed,

    /// <summary>The client reset the connection.</summary>
    Reset,

    /// <summary>The server closed the connection.</summary>
    Aborted,

    /// <summary>Any other failure, or one that this platform does not identify.</summary>
    HandshakeFailed,

    /// <summary>Refused: not a complete, well-formed ClientHello.</summary>
    UnreadableHello,

    /// <summary>Refused: the TLS client offers h2, h2c or h3 after a 101.</summary>
    Http2Offered,

    /// <summary>Refused: <see cref="TlsUpgradeClientMode.AwareOnly"/> is set, and the client does not mark its handshake.</summary>
    UnmarkedClient,

    /// <summary>Refused: the mark in the handshake does not match the plaintext request.</summary>
    MarkMismatch,

    /// <summary>Refused: an unmarked client sent GREASE or Encrypted Client Hello after a 101, as browsers do.</summary>
    BrowserHello,

    /// <summary>Refused: no server name, and the certificate is not for the request's host alone.</summary>
    ServerNameMissing,

    /// <summary>Refused: the client began with TLS but offers the mark of upgraded connections.</summary>
    MarkWithoutUpgrade,

    /// <summary>Refused: TLS reports a different name or protocol than the ClientHello.</summary>
    TlsDisagrees,

    /// <summary>Refused: the server name differs from the host of the plaintext request.</summary>
    ServerNameMismatch,

    /// <summary>Refused: TLS from the first byte without HTTP/2.</summary>
    DirectHttp1,
}
