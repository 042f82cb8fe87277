using System.Buffers;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>Detects from a connection's first bytes whether it starts with CONNECT. Everything else is left to Kestrel.</summary>
internal static class FirstRequest
{
    /// <summary>Limit of the empty lines before a request, in bytes. Some old clients send them (RFC 9112 section 2.2).</summary>
    private const int MaxEmptyLines = 64;

    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="maxLength">Maximum length of a head.</param>
    /// <param name="length">For <see cref="FirstRequestKind.Connect"/>, the length of the head including empty lines before it.</param>
    public static FirstRequestKind Classify(in ReadOnlySequence<byte> bytes, long maxLength, out long length)
    {
        length = 0;
        var reader = new SequenceReader<byte>(bytes);
        reader.AdvancePastAny((byte)'\r', (byte)'\n');
        if (reader.Consumed > MaxEmptyLines)
        {
            return FirstRequestKind.Other;
        }

        var method = "CONNECT "u8;
        for (var i = 0; i < method.Length; i++)
        {
            if (!reader.TryRead(out var next))
            {
                return FirstRequestKind.Undecided;
            }

            if (next != method[i])
            {
                return FirstRequestKind.Other;
            }
        }

        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            // Some recipients treat a bare line feed as a line end and others do not, which enables request smuggling.
            if (line.IsEmpty || line.Slice(line.Length - 1).FirstSpan[0] != '\r')
            {
                return FirstRequestKind.Malformed;
            }

            if (reader.Consumed > maxLength)
            {
                return FirstRequestKind.TooLong;
            }

            if (line.Length == 1)
            {
                length = reader.Consumed;
                return FirstRequestKind.Connect;
            }
        }

        return bytes.Length > maxLength ? FirstRequestKind.TooLong : FirstRequestKind.Incomplete;
    }
}
