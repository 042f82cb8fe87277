namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>How a client says in its TLS handshake that it knows the connection was upgraded.</summary>
internal static class AwareClient
{
    /// <summary>The ALPN protocol id, which stands for HTTP/1.1 and is offered before <c>http/1.1</c>.</summary>
    public const string AlpnProtocolId = "http/1.1-upgraded";
}
