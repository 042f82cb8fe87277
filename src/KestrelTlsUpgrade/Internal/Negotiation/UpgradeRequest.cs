namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// An accepted upgrade: what the 101 says, and what outlives the plaintext phase of the connection. In the connection's
/// features while TLS is being switched on.
/// </summary>
/// <param name="token">The token that the 101 names.</param>
/// <param name="host">The host of the request, without the port.</param>
/// <param name="head">The head of the request, less the fields that asked for the upgrade.</param>
/// <param name="isFirst">Whether it was the first request of the connection.</param>
/// <param name="isHinted">Whether its Upgrade list announces the mark of an aware client.</param>
internal sealed class UpgradeRequest(UpgradeToken token, string host, ReadOnlyMemory<byte> head, bool isFirst, bool isHinted = false)
{
    private ReadOnlyMemory<byte> _head = head;
    private string? _mark;

    /// <summary>The token that the 101 names.</summary>
    public UpgradeToken Token => token;

    /// <summary>The host of the request, without the port. SNI has to agree with it, or be absent.</summary>
    public string Host => host;

    /// <summary>Whether it was the first request of the connection.</summary>
    public bool IsFirst => isFirst;

    /// <summary>Whether the client announced that its handshake is marked.</summary>
    public bool IsHinted => isHinted;

    /// <summary>Whether it asks for nothing but the upgrade (RFC 2817 section 3.2).</summary>
    public bool IsOptionsAsterisk { get; } = head.Span.StartsWith("OPTIONS * "u8);

    /// <summary>The mark that a client offers which wrote this very request. To be asked for before the head is taken.</summary>
    public string Mark => _mark ??= RequestMark.Of(_head.Span);

    /// <summary>When it was made, as a timestamp of the server's <see cref="TimeProvider"/>.</summary>
    public long OfferedAt { get; set; }

    /// <summary>The head of the request, less the fields that asked for the upgrade, to be answered over TLS.</summary>
    public ReadOnlyMemory<byte> Head => _head;

    /// <summary>Gives the head up with this: a connection lasts longer than it is needed, and it can be large.</summary>
    public ReadOnlyMemory<byte> TakeHead()
    {
        var taken = _head;
        _head = default;
        return taken;
    }
}
