namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>How a client says that it knows the connection was upgraded: in its request, and in its TLS handshake.</summary>
internal static class AwareClient
{
    /// <summary>The ALPN protocol id, which stands for HTTP/1.1 and is offered before <c>http/1.1</c>.</summary>
    public const string AlpnProtocolId = "http/1.1-upgraded";

    /// <summary>
    /// How the ALPN protocol id begins that is bound to the request in clear text; <see cref="RequestMark"/> makes the rest of it.
    /// </summary>
    public const string BoundAlpnPrefix = AlpnProtocolId + "=";

    /// <summary>
    /// The member of the Upgrade list that announces the mark. It proves nothing: it keeps a server from accepting offers whose
    /// handshake it would refuse.
    /// </summary>
    public const string UpgradeMember = AlpnProtocolId;
}
