using System.Buffers;
using System.Text;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Internal.Sniffing;

/// <summary>
/// Tells TLS, plaintext and a possible upgrade apart by the first bytes of a connection. It recognises only what it is sure
/// of: everything else is plaintext, where a later stage still sees an offer.
/// </summary>
internal static class FirstBytes
{
    private const byte HandshakeRecord = 0x16;
    private const byte MajorVersion = 0x03;

    /// <summary>Whether the bytes begin a TLS handshake record (RFC 8446 section 5.1), which no HTTP request can.</summary>
    public static ArrivalKind Classify(in ReadOnlySequence<byte> buffer)
    {
        var bytes = buffer.FirstSpan;
        if (bytes.Length < 2 && !buffer.IsSingleSegment)
        {
            bytes = buffer.Slice(0, Math.Min(2, buffer.Length)).ToArray();
        }

        return Classify(bytes);
    }

    private static ArrivalKind Classify(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [] or [HandshakeRecord] => ArrivalKind.Undecided,
        [HandshakeRecord, MajorVersion, ..] => ArrivalKind.Tls,
        _ => ArrivalKind.Plaintext,
    };

    /// <summary>
    /// The length of a head that is complete in the bytes and has an Upgrade line, or 0. Cheap enough for every plaintext
    /// connection: most have no such line and are not looked at any further.
    /// </summary>
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
