using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// What the Upgrade field of a request offers. The field may span several lines, which form one list (RFC 9110 section 5.3).
/// </summary>
internal struct UpgradeOffer
{
    private int _tokens;

    /// <summary>
    /// Whether the client would rather speak WebSocket: the request is then the application's, which may accept that, and
    /// the client asks for TLS again if it does not (RFC 9110 section 7.8: the list is in the client's order of preference).
    /// </summary>
    private bool _isForWebSocket;

    /// <summary>Whether TLS is on offer at all.</summary>
    public readonly bool HasTls => _tokens != 0 && !_isForWebSocket;

    /// <summary>Whether the client announces that its handshake is marked, whatever its place in the list.</summary>
    public bool IsHinted { readonly get; private set; }

    /// <summary>Takes one line of the Upgrade field.</summary>
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
    /// The token to switch to: the highest one whose version is enabled, else the highest one offered, because the version
    /// is settled by the handshake and clients offer TLS/1.0 as the only token that RFC 2817 names. None where nothing fits.
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
