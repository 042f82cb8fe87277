using System.Buffers;
using System.Text;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Recognises an <c>OPTIONS *</c> without content at the beginning of a connection: that is how a client upgrades its connection to
/// the proxy (RFC 2817 section 3.2) before it sends CONNECT on it.
/// </summary>
internal static class LeadingOptions
{
    /// <summary>The length of its head, or 0 for anything else, and for a head that is not there in full.</summary>
    public static long FindHead(in ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.IsNext("OPTIONS * HTTP/1.1\r\n"u8, advancePast: true))
        {
            return 0;
        }

        Span<byte> name = stackalloc byte[18];
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            if (line.IsEmpty)
            {
                return reader.Consumed;
            }

            // Whether there is content, and where it ends, is for Kestrel to say: then nothing is looked for behind it. The same
            // goes for lines that need not end where they seem to.
            var start = name[..(int)Math.Min(name.Length, line.Length)];
            line.Slice(0, start.Length).CopyTo(start);
            if (line.PositionOf((byte)'\n') is not null || StartsWith(start, "Content-Length"u8) || StartsWith(start, "Transfer-Encoding"u8))
            {
                return 0;
            }
        }

        return 0;
    }

    private static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name);
}
