using System.Diagnostics;
using KestrelTlsUpgrade.Internal.Fallback;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>An accepted upgrade: the token of its 101, and the parts of the request that outlive the plaintext phase.</summary>
/// <param name="token">The token in the 101.</param>
/// <param name="host">The host of the request, without the port.</param>
/// <param name="head">The head of the request, without its upgrade fields.</param>
/// <param name="isFirst">Whether it was the first request on the connection.</param>
/// <param name="isHinted">Whether the Upgrade field announces a marked handshake.</param>
internal sealed class UpgradeRequest(UpgradeToken token, string host, ReadOnlyMemory<byte> head, bool isFirst, bool isHinted = false)
{
    private ReadOnlyMemory<byte> _head = head;
    private string? _mark;

    /// <summary>The token in the 101.</summary>
    public UpgradeToken Token => token;

    /// <summary>The host of the request, without the port. SNI must match it or be absent.</summary>
    public string Host => host;

    /// <summary>Whether it was the first request on the connection.</summary>
    public bool IsFirst => isFirst;

    /// <summary>Whether the client announced a marked handshake.</summary>
    public bool IsHinted => isHinted;

    /// <summary>Whether the request asks only for the upgrade (RFC 2817 section 3.2).</summary>
    public bool IsOptionsAsterisk { get; } = head.Span.StartsWith("OPTIONS * "u8);

    /// <summary>
    /// The ALPN id, with the SHA-256 of this request, that the author of the request offers. Must be read before the head is taken.
    /// </summary>
    public string Mark => _mark ??= RequestMark.Of(_head.Span);

    /// <summary>
    /// Whether the client may not know that it offers an upgrade, and is served as well without one: nothing in the request says that it
    /// insists on TLS. Its resource can require TLS nevertheless.
    /// </summary>
    public bool IsOptional => !IsOptionsAsterisk && !isHinted;

    /// <summary>The User-Agent field; empty if there is none.</summary>
    public string UserAgent => UserAgentField.Read(_head.Span);

    /// <summary>Set if the outcome decides whether the caller's next offers are accepted.</summary>
    public FallbackTrial? Trial { get; set; }

    /// <summary>When the offer was made, as a timestamp of the server's <see cref="TimeProvider"/>.</summary>
    public long OfferedAt { get; set; }

    /// <summary>The span of the request that got the 101, if Kestrel's HTTP served it and it is recorded. The replay has another one.</summary>
    public ActivityContext Span { get; init; }

    /// <summary>The head of the request without its upgrade fields, to be answered over TLS.</summary>
    public ReadOnlyMemory<byte> Head => _head;

    /// <summary>The value of the User-Agent field; empty if there is none.</summary>
    public ReadOnlySpan<byte> FindUserAgent() => UserAgentField.Find(_head.Span);

    /// <summary>Returns the head and releases it: it can be large, and the connection outlives its use.</summary>
    public ReadOnlyMemory<byte> TakeHead()
    {
        var taken = _head;
        _head = default;
        return taken;
    }
}
