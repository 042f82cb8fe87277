using System.Buffers.Binary;
using System.Numerics;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>
/// The type-length-value fields behind the addresses of version 2 (section 2.2). All are skipped except the checksum, which
/// must be right if there is one (section 2.2.3).
/// </summary>
internal static class ProxyExtensions
{
    public const string WrongChecksum = "its checksum is wrong";

    private const int FieldHead = 3;
    private const byte Checksum = 0x03;
    private const int ChecksumLength = 4;

    /// <summary>The fault in them, or <see langword="null"/>.</summary>
    /// <param name="header">The whole header.</param>
    /// <param name="start">Where they begin in it.</param>
    public static string? Read(ReadOnlySpan<byte> header, int start)
    {
        var checksum = 0;
        for (var position = start; position < header.Length;)
        {
            var field = header[position..];
            if (field.Length < FieldHead || field.Length < FieldHead + BinaryPrimitives.ReadUInt16BigEndian(field[1..]))
            {
                return "a field behind its addresses does not end within it";
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(field[1..]);
            if (field[0] == Checksum)
            {
                if (length != ChecksumLength || checksum != 0)
                {
                    return WrongChecksum;
                }

                checksum = position + FieldHead;
            }

            position += FieldHead + length;
        }

        return checksum == 0 || IsRight(header, checksum) ? null : WrongChecksum;
    }

    /// <summary>Whether the CRC32c at the position is that of the header with zeros in its place.</summary>
    private static bool IsRight(ReadOnlySpan<byte> header, int position)
    {
        var crc = Add(uint.MaxValue, header[..position]);
        crc = BitOperations.Crc32C(crc, 0u);
        crc = Add(crc, header[(position + ChecksumLength)..]);
        return ~crc == BinaryPrimitives.ReadUInt32BigEndian(header[position..]);
    }

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }
}
