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
    private const byte MajorVersion = 0x03;

    /// <summary>Classifies the bytes. A TLS handshake record (RFC 8446 section 5.1) cannot be the start of an HTTP request.</summary>
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
