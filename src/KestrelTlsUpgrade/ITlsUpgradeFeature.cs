namespace KestrelTlsUpgrade;

/// <summary>
/// Describes how a request arrived. Present in <c>HttpContext.Features</c> of every request to an upgrade endpoint, and absent elsewhere.
/// </summary>
public interface ITlsUpgradeFeature
{
    /// <summary>Gets how the connection carries this request.</summary>
    TlsUpgradeState State { get; }

    /// <summary>
    /// Gets the upgrade token of the <c>101</c>, such as <c>TLS/1.2</c>, if <see cref="State"/> is <see cref="TlsUpgradeState.Upgraded"/>;
    /// otherwise <see langword="null"/>. The token need not be the negotiated version; use <c>ITlsHandshakeFeature.Protocol</c> for that.
    /// </summary>
    string? Token { get; }

    /// <summary>
    /// Gets whether this request was received in clear text, before the TLS handshake, and is answered over TLS (RFC 2817 section 3.3).
    /// Someone other than the TLS peer may have written or read it, so it has no client certificate unless
    /// <see cref="TlsUpgradeOptions.TrustClientCertificateOnReplay"/> is set and the client has confirmed the request.
    /// </summary>
    bool IsReplayedRequest { get; }

    /// <summary>
    /// Gets whether the client declared in its handshake that it knows about the upgrade, by the ALPN protocol id
    /// <see cref="TlsUpgradeProtocol.AlpnProtocolId"/> or the id that is bound to its request.
    /// </summary>
    bool IsAwareClient { get; }

    /// <summary>
    /// Gets whether the TLS client is known to have written this request. Always true for a request that arrived over TLS, and false in
    /// clear text. A replayed request is confirmed if the handshake had the mark that is bound to it
    /// (<see cref="TlsUpgradeProtocol.BoundAlpnProtocolPrefix"/>); otherwise an attacker on the path may have written it.
    /// </summary>
    bool IsConfirmedRequest { get; }
}
