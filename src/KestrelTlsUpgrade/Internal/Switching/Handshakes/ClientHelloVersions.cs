using System.Buffers.Binary;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>
/// Which TLS versions a ClientHello offers (RFC 8446 section 4.1.2), for the words in which a failed handshake is told. TLS itself
/// does not depend on it: what is cut off or unusual is no offer that can be told.
/// </summary>
internal static class ClientHelloVersions
{
    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;
    private const int Random = 32;
    private const ushort SupportedVersions = 43;

    /// <summary>Whether the bytes can be the beginning of TLS: a handshake record or an alert; and the versions on offer.</summary>
    public static (bool IsTls, SslProtocols Offered) Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0x15 or 0x16, ..])
        {
            return (false, SslProtocols.None);
        }

        return (true, bytes is [0x16, 0x03, _, _, _, 0x01, ..] ? ReadHello(bytes[RecordHeader..]) : SslProtocols.None);
    }

    private static SslProtocols ReadHello(ReadOnlySpan<byte> hello)
    {
        var rest = hello[1..];
        if (!Skip(ref rest, HandshakeHeader - 1) || !Take(ref rest, 2, out var legacyVersion) || !Skip(ref rest, Random)
            || !SkipVector(ref rest, 1) || !SkipVector(ref rest, 2) || !SkipVector(ref rest, 1))
        {
            return SslProtocols.None;
        }

        // No extensions at all: RFC 5246 section 7.4.1.2.
        if (rest.IsEmpty)
        {
            return UpTo(legacyVersion[1]);
        }

        if (!Take(ref rest, 2, out var length) || !Take(ref rest, BinaryPrimitives.ReadUInt16BigEndian(length), out var extensions))
        {
            return SslProtocols.None;
        }

        while (Take(ref extensions, 2, out var type) && Take(ref extensions, 2, out length)
            && Take(ref extensions, BinaryPrimitives.ReadUInt16BigEndian(length), out var content))
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(type) == SupportedVersions)
            {
                return ReadList(content);
            }
        }

        return UpTo(legacyVersion[1]);
    }

    private static SslProtocols ReadList(ReadOnlySpan<byte> list)
    {
        var offered = SslProtocols.None;
        for (var i = 1; i + 1 < list.Length; i += 2)
        {
            offered |= list[i] == 0x03 ? Of(list[i + 1]) : SslProtocols.None;
        }

        return offered;
    }

    /// <summary>A client without the extension names the highest version that it knows.</summary>
    private static SslProtocols UpTo(byte minorVersion) => Of((byte)Math.Min((int)minorVersion, 3));

#pragma warning disable CA5397, CS0618, SYSLIB0039 // What clients offer, whether it is served or not.
    private static SslProtocols Of(byte minorVersion) => minorVersion switch
    {
        0 => SslProtocols.Ssl3,
        1 => SslProtocols.Tls,
        2 => SslProtocols.Tls11,
        3 => SslProtocols.Tls12,
        4 => SslProtocols.Tls13,
        _ => SslProtocols.None,
    };
#pragma warning restore CA5397, CS0618, SYSLIB0039

    private static bool Skip(ref ReadOnlySpan<byte> bytes, int count) => Take(ref bytes, count, out _);

    private static bool SkipVector(ref ReadOnlySpan<byte> bytes, int lengthSize) =>
        Take(ref bytes, lengthSize, out var length)
        && Skip(ref bytes, lengthSize == 1 ? length[0] : BinaryPrimitives.ReadUInt16BigEndian(length));

    private static bool Take(ref ReadOnlySpan<byte> bytes, int count, out ReadOnlySpan<byte> taken)
    {
        if (bytes.Length < count)
        {
            taken = default;
            return false;
        }

        taken = bytes[..count];
        bytes = bytes[count..];
        return true;
    }
}
