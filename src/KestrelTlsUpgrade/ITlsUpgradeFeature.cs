namespace KestrelTlsUpgrade;

/// <summary>
/// Tells how a request arrived. In <c>HttpContext.Features</c> of every request to an upgrade endpoint, and absent elsewhere.
/// </summary>
public interface ITlsUpgradeFeature
{
    /// <summary>How the connection carries this request.</summary>
    TlsUpgradeState State { get; }

    /// <summary>
    /// The upgrade token of the <c>101</c>, such as <c>TLS/1.2</c>, where <see cref="State"/> is
    /// <see cref="TlsUpgradeState.Upgraded"/>; otherwise <see langword="null"/>. A token is an offer: the version in use is
    /// the one of <c>ITlsHandshakeFeature.Protocol</c>.
    /// </summary>
    string? Token { get; }

    /// <summary>
    /// Whether this request was received in clear text, before the TLS handshake, and is answered over TLS
    /// (RFC 2817 section 3.3). Somebody else than the TLS peer may have written or read it, so it never carries the client
    /// certificate unless <see cref="TlsUpgradeOptions.TrustClientCertificateOnReplay"/> is set and the client has confirmed it.
    /// </summary>
    bool IsReplayedRequest { get; }

    /// <summary>
    /// Whether the client said in its handshake, by ALPN <see cref="TlsUpgradeProtocol.AlpnProtocolId"/> or the id that is bound to its
    /// request, that it knows the connection was upgraded.
    /// </summary>
    bool IsAwareClient { get; }

    /// <summary>
    /// Whether the TLS client is known to have written this request. Always so for a request that came over TLS. A replayed one
    /// is confirmed if the handshake carried the mark that is bound to it (<see cref="TlsUpgradeProtocol.BoundAlpnProtocolPrefix"/>);
    /// otherwise an attacker on the path may have written it. Never so in clear text.
    /// </summary>
    bool IsConfirmedRequest { get; }
}
