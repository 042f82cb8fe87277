namespace KestrelTlsUpgrade.Client;

/// <summary>When a client upgrades its connections to TLS (RFC 2817 section 3), and what it does if the server refuses.</summary>
public enum TlsUpgradeMode
{
    /// <summary>
    /// Every connection is upgraded before a request is sent on it (RFC 2817 section 3.2). If the server refuses, the request fails and
    /// nothing of it has been sent.
    /// </summary>
    Required,

    /// <summary>
    /// Every connection is upgraded before a request is sent on it if the server agrees. If it refuses, or does not answer the offer, the
    /// request is sent in clear text. An attacker on the path can forge a refusal. A failed handshake is never followed by clear text. While
    /// a refusal is remembered, a request that gets <c>426 Upgrade Required</c>, or a redirect to https on the same port, is repeated over an
    /// upgraded connection, as in <see cref="OnDemand"/>.
    /// </summary>
    Preferred,

    /// <summary>
    /// Requests are sent in clear text until the server answers <c>426 Upgrade Required</c>, advertises TLS (RFC 2817 sections 4.1 and 4.2)
    /// or redirects to https on the same port, and over upgraded connections afterwards. The request that got the <c>426</c> or the redirect
    /// is repeated if its content can be sent again. If the server does not upgrade, a redirect is followed.
    /// </summary>
    OnDemand,
}
