using System.Net.Security;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// The ALPN protocol ids of one handshake: the id bound to the plaintext request, the plain mark for servers that do not know bound ids,
/// and HTTP/1.1. Never <c>h2</c>: servers refuse it after an upgrade (CVE-2025-49812).
/// </summary>
/// <param name="request">The head of the upgrade request.</param>
internal sealed class ProtocolOffer(ReadOnlySpan<byte> request)
{
    private static readonly SslApplicationProtocol PlainMark = new(AwareClient.AlpnProtocolId);

    private readonly SslApplicationProtocol _boundMark = new(RequestMark.Of(request));

    /// <summary>The ids in order of preference.</summary>
    public List<SslApplicationProtocol> Ids => [_boundMark, PlainMark, SslApplicationProtocol.Http11];

    /// <summary>Whether the offer is compatible with the ids that the caller configured. Every offer contains all of them.</summary>
    public static bool Includes(IEnumerable<SslApplicationProtocol>? callers) =>
        callers is null || callers.All(static id => id == PlainMark || id == SslApplicationProtocol.Http11);

    /// <summary>Whether the server may select this id. It may also select none (RFC 7301 section 3.2).</summary>
    public bool Allows(SslApplicationProtocol selected) => selected.Protocol.IsEmpty || Ids.Contains(selected);

    /// <summary>Whether the selected id proves that the server received exactly the request that the client sent.</summary>
    public bool IsConfirmedBy(SslApplicationProtocol selected) => selected == _boundMark;
}
