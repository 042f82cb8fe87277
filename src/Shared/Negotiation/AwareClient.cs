namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>How a client declares that it knows about the upgrade: in its request, and in its TLS handshake.</summary>
internal static class AwareClient
{
    /// <summary>The plain ALPN protocol id. It means HTTP/1.1, and is offered before <c>http/1.1</c>.</summary>
    public const string AlpnProtocolId = "http/1.1-upgraded";

    /// <summary>
    /// The prefix of the ALPN protocol id that is bound to the plaintext request. <see cref="RequestMark"/> computes the rest.
    /// </summary>
    public const string BoundAlpnPrefix = AlpnProtocolId + "=";

    /// <summary>
    /// The member of the Upgrade field that announces the mark. Proves nothing, but lets a server decline an offer whose handshake it would
    /// refuse.
    /// </summary>
    public const string UpgradeMember = AlpnProtocolId;
}
