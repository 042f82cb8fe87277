using System.Buffers.Binary;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>What a server's first TLS record tells about the handshake, whatever the client's library makes of it.</summary>
internal static class ServerHello
{
    private const int PreSharedKey = 41;

    /// <summary>Whether a TLS 1.3 session is resumed: then the server has chosen a pre-shared key (RFC 8446 section 4.2.11).</summary>
    /// <exception cref="InvalidDataException">It is no whole ServerHello.</exception>
    public static bool IsResumed(ReadOnlySpan<byte> record)
    {
        // RFC 8446 sections 5.1 and 4.1.3: record header, message header, version, random, session id, suite, compression.
        if (record.Length < 44 || record[0] != 22 || record[5] != 2 || record.Length < 5 + BinaryPrimitives.ReadUInt16BigEndian(record[3..]))
        {
            throw new InvalidDataException("The first TLS record is not a ServerHello.");
        }

        var rest = record[43..];
        rest = rest[(1 + rest[0] + 2 + 1)..];
        var extensions = rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest));
        while (extensions.Length >= 4)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(extensions) == PreSharedKey)
            {
                return true;
            }

            extensions = extensions[(4 + BinaryPrimitives.ReadUInt16BigEndian(extensions[2..]))..];
        }

        return false;
    }
}
