using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>
/// Classifies the first bytes of a connection as TLS, plaintext or a possible upgrade. Recognises only clear cases; the rest is plaintext,
/// where an offer is still seen later.
/// </summary>
internal static class FirstBytes
{
    private const byte HandshakeRecord = 0x16;

    /// <summary>
    /// Classifies the bytes by the first one. No request line begins with that of a TLS handshake record (RFC 8446 section 5.1, RFC 9112
    /// section 3), so the next ones, which a lost segment can delay, need not be awaited: the handshake has its own timeout for them.
    /// </summary>
    public static ArrivalKind Classify(in ReadOnlySequence<byte> buffer) =>
        buffer.IsEmpty ? ArrivalKind.Undecided
        : new SequenceReader<byte>(buffer).IsNext(HandshakeRecord) ? ArrivalKind.Tls
        : ArrivalKind.Plaintext;

    /// <summary>Length of a complete head that has an Upgrade line, or 0. Cheap enough to run on every plaintext connection.</summary>
    public static int FindUpgradeHead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || !UpgradableMethods.CanBeginWith(bytes[0]))
        {
            return 0;
        }

        var end = bytes.IndexOf("\r\n\r\n"u8);
        return end >= 0 && HasUpgradeLine(bytes[..end]) ? end + 4 : 0;
    }

    private static bool HasUpgradeLine(ReadOnlySpan<byte> head)
    {
        int lineFeed;
        while ((lineFeed = head.IndexOf((byte)'\n')) >= 0)
        {
            head = head[(lineFeed + 1)..];
            if (head.Length >= 8 && Ascii.EqualsIgnoreCase(head[..8], "Upgrade:"u8))
            {
                return true;
            }
        }

        return false;
    }
}
