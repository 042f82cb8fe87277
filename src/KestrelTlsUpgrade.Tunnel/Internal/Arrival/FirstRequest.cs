using System.Buffers;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Tells by the first bytes of a connection whether it begins with CONNECT. Everything else is Kestrel's, whatever it is.
/// </summary>
internal static class FirstRequest
{
    /// <summary>How many empty lines may go before a request, as some old clients do (RFC 9112 section 2.2), in bytes.</summary>
    private const int MaxEmptyLines = 64;

    /// <param name="bytes">What has come so far.</param>
    /// <param name="maxLength">How long a head may be.</param>
    /// <param name="length">For <see cref="FirstRequestKind.Connect"/> the length of the head, empty lines before it included.</param>
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
            // A line feed alone ends a line to some and not to others: that is how requests are smuggled.
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
