namespace KestrelTlsUpgrade.Client;

/// <summary>When a client upgrades its connections to TLS (RFC 2817 section 3), and what it does where the server will not.</summary>
public enum TlsUpgradeMode
{
    /// <summary>
    /// Every connection is upgraded before a request is sent on it (RFC 2817 section 3.2). Where the server refuses, the
    /// request fails and nothing of it has been sent.
    /// </summary>
    Required,

    /// <summary>
    /// Every connection is upgraded before a request is sent on it if the server will, and used in clear text if it refuses.
    /// An attacker on the path can refuse in its name. A handshake that fails is never followed by clear text.
    /// </summary>
    Preferred,

    /// <summary>
    /// Requests go in clear text until the server answers <c>426 Upgrade Required</c> or advertises TLS (RFC 2817 sections
    /// 4.1 and 4.2); then over upgraded connections. The request that got the <c>426</c> is repeated if its content can be.
    /// </summary>
    OnDemand,
}
