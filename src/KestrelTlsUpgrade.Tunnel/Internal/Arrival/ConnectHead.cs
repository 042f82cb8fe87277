using System.Buffers;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>Tells from the first bytes of a request whether it is a CONNECT, and where its head ends.</summary>
internal static class ConnectHead
{
    /// <summary>Limit of the empty lines before a request, in bytes. Some old clients send them (RFC 9112 section 2.2).</summary>
    private const int MaxEmptyLines = 64;

    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="maxLength">Maximum length of a head.</param>
    /// <param name="length">For <see cref="ArrivedRequestKind.Connect"/>, the length of the head including empty lines before it.</param>
    public static ArrivedRequestKind Classify(in ReadOnlySequence<byte> bytes, long maxLength, out long length)
    {
        length = 0;
        var reader = new SequenceReader<byte>(bytes);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        if (reader.Consumed > MaxEmptyLines)
        {
            return ArrivedRequestKind.Other;
        }

        var method = "CONNECT "u8;
        for (var i = 0; i < method.Length; i++)
        {
            if (!reader.TryRead(out var next))
            {
                return ArrivedRequestKind.Undecided;
            }

            if (next != method[i])
            {
                return ArrivedRequestKind.Other;
            }
        }

        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            // Some recipients treat a bare line feed as a line end and others do not, which enables request smuggling.
            if (line.IsEmpty || line.Slice(line.Length - 1).FirstSpan[0] != '\r')
            {
                return ArrivedRequestKind.Malformed;
            }

            if (reader.Consumed > maxLength)
            {
                return ArrivedRequestKind.TooLong;
            }

            if (line.Length == 1)
            {
                length = reader.Consumed;
                return ArrivedRequestKind.Connect;
            }
        }

        return bytes.Length > maxLength ? ArrivedRequestKind.TooLong : ArrivedRequestKind.Incomplete;
    }
}
