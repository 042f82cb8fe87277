using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Finds out where the next request begins, from the bytes that Kestrel's HTTP/1.1 has accepted. What is malformed does not get here:
/// Kestrel ends the connection.
/// </summary>
internal sealed class RequestFraming
{
    /// <summary>
    /// Limit of what is kept of the line with a chunk's size, which comes first in it. Kestrel itself limits the lines of heads.
    /// </summary>
    private const int MaxSizeLine = 64;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdefABCDEF"u8);

    private readonly ArrayBufferWriter<byte> _lineBegun = new();
    private Part _part;
    private long _left;
    private long _contentLength;
    private bool _isChunked;
    private bool _isOptions;
    private bool _hasOptions;
    private bool _hasOther;

    private enum Part
    {
        Start,
        RequestLine,
        Field,
        Content,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailer,
        Foreign,
    }

    /// <summary>Whether the next byte belongs to the next request, or to the empty lines before it.</summary>
    public bool IsAtStart => _part is Part.Start;

    /// <summary>Whether the bytes are not HTTP/1.x, such as TLS records behind an upgrade.</summary>
    public bool IsForeign => _part is Part.Foreign;

    /// <summary>
    /// Whether there were requests, and all of them <c>OPTIONS *</c> without content, which a client sends to upgrade its connection to the
    /// proxy (RFC 2817 section 3.2).
    /// </summary>
    public bool HasOptionsOnly => _hasOptions && !_hasOther;

    /// <summary>Follows bytes that Kestrel has consumed.</summary>
    public void Consume(in ReadOnlySequence<byte> bytes)
    {
        var reader = new SequenceReader<byte>(bytes);
        while (!reader.End)
        {
            switch (_part)
            {
                case Part.Foreign:
                    return;

                case Part.Start:
                    reader.AdvancePastAny((byte)'\r', (byte)'\n');
                    _part = reader.End ? Part.Start : Part.RequestLine;
                    break;

                case Part.Content or Part.Chunk:
                    var count = Math.Min(_left, reader.Remaining);
                    reader.Advance(count);
                    _left -= count;
                    if (_left == 0)
                    {
                        _part = _part is Part.Content ? Part.Start : Part.ChunkEnd;
                    }

                    break;

                default:
                    ReadLine(ref reader);
                    break;
            }
        }
    }

    private void ReadLine(ref SequenceReader<byte> reader)
    {
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            Keep(reader.UnreadSequence);
            reader.AdvanceToEnd();
        }
        else if (line.IsSingleSegment && _lineBegun.WrittenCount == 0)
        {
            OnLine(line.FirstSpan);
        }
        else
        {
            Keep(line);
            OnLine(_lineBegun.WrittenSpan);
            _lineBegun.ResetWrittenCount();
        }
    }

    private void Keep(in ReadOnlySequence<byte> piece)
    {
        var count = _part is Part.ChunkSize ? Math.Min(piece.Length, MaxSizeLine - _lineBegun.WrittenCount) : piece.Length;
        foreach (var segment in piece.Slice(0, count))
        {
            _lineBegun.Write(segment.Span);
        }
    }

    private void OnLine(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        switch (_part)
        {
            case Part.RequestLine:
                _contentLength = 0;
                _isChunked = false;
                _isOptions = line.SequenceEqual("OPTIONS * HTTP/1.1"u8);
                _part = line.EndsWith("HTTP/1.1"u8) || line.EndsWith("HTTP/1.0"u8) ? Part.Field : Part.Foreign;
                break;

            case Part.Field when line.IsEmpty:
                _isOptions &= _contentLength == 0 && !_isChunked;
                _hasOptions |= _isOptions;
                _hasOther |= !_isOptions;
                _left = _contentLength;
                _part = _isChunked ? Part.ChunkSize : _contentLength > 0 ? Part.Content : Part.Start;
                break;

            case Part.Field:
                OnField(line);
                break;

            case Part.ChunkSize:
                _ = TryReadSize(line, out _left);
                _part = _left > 0 ? Part.Chunk : Part.Trailer;
                break;

            case Part.ChunkEnd:
                _part = Part.ChunkSize;
                break;

            case Part.Trailer when line.IsEmpty:
                _part = Part.Start;
                break;
        }
    }

    /// <summary>
    /// Kestrel reads a length with <see cref="Utf8Parser"/>, which also takes a sign, and refuses what is not a whole number. It prefers
    /// Transfer-Encoding, and accepts no coding without <c>chunked</c> as the last one.
    /// </summary>
    private void OnField(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon == "Content-Length".Length && Ascii.EqualsIgnoreCase(line[..colon], "Content-Length"u8))
        {
            _ = Utf8Parser.TryParse(line[(colon + 1)..].Trim(" \t"u8), out _contentLength, out _);
        }
        else if (colon == "Transfer-Encoding".Length && Ascii.EqualsIgnoreCase(line[..colon], "Transfer-Encoding"u8))
        {
            _isChunked = true;
        }
    }

    private static bool TryReadSize(ReadOnlySpan<byte> line, out long value)
    {
        var digits = line.IndexOfAnyExcept(HexDigits);
        return long.TryParse(digits < 0 ? line : line[..digits], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
