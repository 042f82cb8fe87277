using System.Net.Security;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// The ALPN protocol ids of one handshake: the one that is bound to the request in clear text, the plain mark for servers that do not
/// know bound ones, and HTTP/1.1. Never <c>h2</c>: servers refuse it after an upgrade (CVE-2025-49812).
/// </summary>
/// <param name="request">The head of the request that asked for the upgrade.</param>
internal sealed class ProtocolOffer(ReadOnlySpan<byte> request)
{
    private static readonly SslApplicationProtocol PlainMark = new(AwareClient.AlpnProtocolId);

    private readonly SslApplicationProtocol _boundMark = new(RequestMark.Of(request));

    /// <summary>The ids, the preferred one first.</summary>
    public List<SslApplicationProtocol> Ids => [_boundMark, PlainMark, SslApplicationProtocol.Http11];

    /// <summary>Whether the offer can be made to a caller who asks for these ids: all of them are in every offer.</summary>
    public static bool Includes(IEnumerable<SslApplicationProtocol>? callers) =>
        callers is null || callers.All(static id => id == PlainMark || id == SslApplicationProtocol.Http11);

    /// <summary>Whether the server may select an id. None is its right (RFC 7301 section 3.2).</summary>
    public bool Allows(SslApplicationProtocol selected) => selected.Protocol.IsEmpty || Ids.Contains(selected);

    /// <summary>Whether the selected id says that the server got the very request that the client sent.</summary>
    public bool IsConfirmedBy(SslApplicationProtocol selected) => selected == _boundMark;
}
