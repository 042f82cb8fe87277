using System.Buffers.Binary;
using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Internal.Versions;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>
/// Parses a complete ClientHello message (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2). Every length must be exact: a message that two
/// parsers could read differently is rejected.
/// </summary>
internal static class ClientHelloParser
{
    private const byte ClientHelloType = 1;
    private const int RandomLength = 32;
    private const int MaxSessionIdLength = 32;
    private const int MaxNameLength = 255;
    private const ushort HighestLegacyVersion = 0x0303;

    private const ushort ServerNameExtension = 0;
    private const ushort SupportedGroupsExtension = 10;
    private const ushort AlpnExtension = 16;
    private const ushort SupportedVersionsExtension = 43;
    private const ushort EncryptedHelloExtension = 0xFE0D;

    /// <summary>
    /// Parses a handshake message with its header. Returns <see langword="null"/> if it is not a well-formed ClientHello.
    /// </summary>
    public static ClientHello? Parse(ReadOnlySpan<byte> message)
    {
        var hello = new ClientHello();
        return TryRead(message, hello) ? hello : null;
    }

    private static bool TryRead(ReadOnlySpan<byte> message, ClientHello hello)
    {
        var reader = new VectorReader(message);
        if (!reader.TryTake(1, out var type) || type[0] != ClientHelloType
            || !reader.TryTake(3, out var length) || (length[0] << 16 | length[1] << 8 | length[2]) != reader.Length
            || !reader.TryTake(2, out var legacyVersion)
            || !reader.TryTake(RandomLength, out _)
            || !reader.TryTakeVector(lengthSize: 1, out var sessionId) || sessionId.Length > MaxSessionIdLength
            || !reader.TryTakeVector(lengthSize: 2, out var suites) || suites.IsEmpty || !TryReadNumbers(suites, hello, out _)
            || !reader.TryTakeVector(lengthSize: 1, out var compressionMethods) || compressionMethods.IsEmpty)
        {
            return false;
        }

        // Without supported_versions, this field contains the highest version that the client supports.
        var highest = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(legacyVersion), HighestLegacyVersion);
        hello.Versions = VersionOf(highest);

        // Extensions may be absent (RFC 5246 section 7.4.1.2).
        return reader.IsEmpty
            || (reader.TryTakeVector(lengthSize: 2, out var extensions) && reader.IsEmpty && TryReadExtensions(extensions, hello));
    }

    private static bool TryReadExtensions(ReadOnlySpan<byte> extensions, ClientHello hello)
    {
        // One bit per type: detecting a duplicate takes constant time, even for a hostile message.
        Span<ulong> seen = stackalloc ulong[(ushort.MaxValue + 1) / 64];
        seen.Clear();
        var reader = new VectorReader(extensions);
        while (!reader.IsEmpty)
        {
            if (!reader.TryTake(2, out var typeBytes) || !reader.TryTakeVector(lengthSize: 2, out var content))
            {
                return false;
            }

            var type = BinaryPrimitives.ReadUInt16BigEndian(typeBytes);
            var bit = 1UL << (type & 63);
            if ((seen[type >> 6] & bit) != 0 || !TryReadExtension(type, content, hello))
            {
                return false;
            }

            seen[type >> 6] |= bit;
        }

        return true;
    }

    private static bool TryReadExtension(ushort type, ReadOnlySpan<byte> content, ClientHello hello)
    {
        switch (type)
        {
            case ServerNameExtension:
                return TryReadServerName(content, hello);
            case AlpnExtension:
                return TryReadProtocols(content, hello);
            case SupportedGroupsExtension:
                return VectorReader.TryReadWhole(content, lengthSize: 2, out var groups) && TryReadNumbers(groups, hello, out _);
            case SupportedVersionsExtension:
                if (!VectorReader.TryReadWhole(content, lengthSize: 1, out var list) || !TryReadNumbers(list, hello, out var versions))
                {
                    return false;
                }

                hello.Versions = versions;
                return true;
            case EncryptedHelloExtension:
                hello.HasEncryptedHello = true;
                return true;
            default:
                hello.HasGrease |= IsGrease(type);
                return true;
        }
    }

    /// <summary>Reads one name of type host_name, the only type defined (RFC 6066 section 3).</summary>
    private static bool TryReadServerName(ReadOnlySpan<byte> content, ClientHello hello)
    {
        if (!VectorReader.TryReadWhole(content, lengthSize: 2, out var list))
        {
            return false;
        }

        var reader = new VectorReader(list);
        if (!reader.TryTake(1, out var kind) || kind[0] != 0
            || !reader.TryTakeVector(lengthSize: 2, out var name) || !reader.IsEmpty
            || name.Length is 0 or > MaxNameLength || name.Contains((byte)0) || !Ascii.IsValid(name))
        {
            return false;
        }

        hello.ServerName = Encoding.ASCII.GetString(name);
        return true;
    }

    private static bool TryReadProtocols(ReadOnlySpan<byte> content, ClientHello hello)
    {
        if (!VectorReader.TryReadWhole(content, lengthSize: 2, out var list))
        {
            return false;
        }

        var reader = new VectorReader(list);
        while (!reader.IsEmpty)
        {
            if (!reader.TryTakeVector(lengthSize: 1, out var id) || id.IsEmpty)
            {
                return false;
            }

            TakeProtocol(id, hello);
        }

        return true;
    }

    private static void TakeProtocol(ReadOnlySpan<byte> id, ClientHello hello)
    {
        hello.OffersHttp2 |= id.SequenceEqual("h2"u8);
        hello.OffersLaterHttp |= id.SequenceEqual("h2"u8) || id.SequenceEqual("h3"u8) || id.SequenceEqual("h2c"u8);
        hello.OffersHttp11 |= id.SequenceEqual("http/1.1"u8);
        hello.HasPlainMark |= id.SequenceEqual("http/1.1-upgraded"u8);
        hello.HasGrease |= id.Length == 2 && IsGrease(BinaryPrimitives.ReadUInt16BigEndian(id));
        if (id.StartsWith("http/1.1-upgraded="u8))
        {
            hello.HasSeveralBoundMarks |= hello.BoundMark is not null;
            hello.BoundMark = Encoding.Latin1.GetString(id);
        }
    }

#pragma warning disable CA5397, CS0618, SYSLIB0039 // What clients offer, whether it is served or not.
    /// <summary>
    /// Reads a list of two-octet numbers: cipher suites, groups or versions. The resulting versions are only meaningful for the last.
    /// </summary>
    private static bool TryReadNumbers(ReadOnlySpan<byte> numbers, ClientHello hello, out SslProtocols versions)
    {
        versions = SslProtocols.None;
        if (numbers.Length % 2 != 0)
        {
            return false;
        }

        for (; !numbers.IsEmpty; numbers = numbers[2..])
        {
            var number = BinaryPrimitives.ReadUInt16BigEndian(numbers);
            hello.HasGrease |= IsGrease(number);
            versions |= VersionOf(number);
        }

        return true;
    }

    /// <summary>Recognises 0x0A0A, 0x1A1A and so on (RFC 8701 section 2).</summary>
    private static bool IsGrease(ushort number) => (number & 0x0F0F) == 0x0A0A && number >> 8 == (number & 0xFF);

    private static SslProtocols VersionOf(ushort number)
    {
        foreach (var version in TlsVersion.All)
        {
            if (version.Wire == number)
            {
                return version.Protocol;
            }
        }

#pragma warning disable CA5397, CS0618 // What old clients offer.
        return number == 0x0300 ? SslProtocols.Ssl3 : SslProtocols.None;
#pragma warning restore CA5397, CS0618
    }
}
