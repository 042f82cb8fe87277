using System.Buffers;
using System.Text;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Recognises an <c>OPTIONS *</c> without content at the start of a connection: a client sends it to upgrade its connection to the proxy
/// (RFC 2817 section 3.2) before it sends CONNECT.
/// </summary>
internal static class LeadingOptions
{
    /// <summary>The length of the head, or 0 for anything else and for an incomplete head.</summary>
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

            // Only Kestrel decides whether there is content and where it ends, so nothing behind it is examined. The same applies to lines
            // that other readers might end elsewhere.
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
