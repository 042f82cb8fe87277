using System.Security.Authentication;
using Microsoft.Extensions.Primitives;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The offer in a request's Upgrade field. Several field lines form one list (RFC 9110 section 5.3).</summary>
internal struct UpgradeOffer
{
    private int _tokens;

    /// <summary>
    /// Whether the client prefers WebSocket (the list is in order of preference, RFC 9110 section 7.8). The application then decides, and
    /// the client can offer TLS again if WebSocket is declined.
    /// </summary>
    private bool _isForWebSocket;

    /// <summary>Whether TLS is offered and preferred.</summary>
    public readonly bool HasTls => _tokens != 0 && !_isForWebSocket;

    /// <summary>Whether the client announces a marked handshake, at any position in the list.</summary>
    public bool IsHinted { readonly get; private set; }

    /// <summary>The offer in the lines of an Upgrade field.</summary>
    public static UpgradeOffer Of(StringValues lines)
    {
        var offer = default(UpgradeOffer);
        foreach (var line in lines)
        {
            offer.Add(line);
        }

        return offer;
    }

    /// <summary>Adds one line of the Upgrade field.</summary>
    public void Add(ReadOnlySpan<char> fieldValue)
    {
        foreach (var range in fieldValue.Split(','))
        {
            var member = fieldValue[range].Trim(" \t");
            var token = UpgradeTokenText.Parse(member);
            if (token is not UpgradeToken.None)
            {
                _tokens |= 1 << (int)token;
            }
            else if (member.Equals(AwareClient.UpgradeMember, StringComparison.OrdinalIgnoreCase))
            {
                IsHinted = true;
            }
            else if (_tokens == 0 && IsWebSocket(member))
            {
                _isForWebSocket = true;
            }
        }
    }

    /// <summary>
    /// Selects the token to switch to: the highest with an enabled version, otherwise (unless strict) the highest offered. The handshake
    /// negotiates the version anyway, and many clients offer only TLS/1.0, the token that RFC 2817 names. Returns None to decline.
    /// </summary>
    public readonly UpgradeToken Select(SslProtocols enabled, bool strict)
    {
        if (!HasTls)
        {
            return UpgradeToken.None;
        }

        var highest = UpgradeToken.None;
        for (var token = UpgradeTokenText.Highest; token >= UpgradeToken.AnyTls; token--)
        {
            if ((_tokens & (1 << (int)token)) == 0)
            {
                continue;
            }

            if ((UpgradeTokenText.ToVersions(token) & enabled) != 0)
            {
                return token;
            }

            highest = highest is UpgradeToken.None ? token : highest;
        }

        return strict ? UpgradeToken.None : highest;
    }

    private static bool IsWebSocket(ReadOnlySpan<char> member)
    {
        var slash = member.IndexOf('/');
        return (slash < 0 ? member : member[..slash]).Equals("websocket", StringComparison.OrdinalIgnoreCase);
    }
}
