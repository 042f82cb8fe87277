namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>
/// An accepted upgrade: what the 101 says, and what outlives the plaintext phase of the connection. In the connection's
/// features while TLS is being switched on.
/// </summary>
internal sealed class UpgradeRequest(UpgradeToken token, string host, ReadOnlyMemory<byte> head, bool isFirst)
{
    private ReadOnlyMemory<byte> _head = head;

    /// <summary>The token that the 101 names.</summary>
    public UpgradeToken Token => token;

    /// <summary>The host of the request, without the port. SNI has to agree with it, or be absent.</summary>
    public string Host => host;

    /// <summary>Whether it was the first request of the connection.</summary>
    public bool IsFirst => isFirst;

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
