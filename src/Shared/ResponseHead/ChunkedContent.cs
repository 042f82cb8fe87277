using System.Buffers;
using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>Finds the end of chunked content, and what is in it (RFC 9112 section 7.1).</summary>
internal sealed class ChunkedContent
{
    private const int MaxLineLength = 4096;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly StringBuilder _line = new();
    private long _chunkRest;
    private bool _isInTrailer;
    private bool _isAfterChunk;

    internal enum Progress
    {
        More,
        Complete,
        Malformed,
    }

    public Progress State { get; private set; }

    /// <summary>Consumes bytes up to the end of the content. Returns how many were consumed.</summary>
    /// <param name="bytes">The bytes received.</param>
    /// <param name="data">Gets what is in the chunks. Without it, that is discarded.</param>
    public int Take(ReadOnlySpan<byte> bytes, IBufferWriter<byte>? data = null)
    {
        var taken = 0;
        while (taken < bytes.Length && State is Progress.More)
        {
            if (_chunkRest > 0)
            {
                var count = (int)Math.Min(_chunkRest, bytes.Length - taken);
                data?.Write(bytes.Slice(taken, count));
                _chunkRest -= count;
                taken += count;
                continue;
            }

            TakeOfLine((char)bytes[taken++]);
        }

        return taken;
    }

    private void TakeOfLine(char character)
    {
        _line.Append(character);
        if (character == '\n')
        {
            var line = _line.ToString();
            _line.Clear();
            State = line.EndsWith("\r\n", StringComparison.Ordinal) ? TakeLine(line[..^2]) : Progress.Malformed;
        }
        else if (_line.Length > MaxLineLength)
        {
            State = Progress.Malformed;
        }
    }

    private Progress TakeLine(string line)
    {
        if (_isInTrailer)
        {
            return line.Length == 0 ? Progress.Complete : Progress.More;
        }

        if (_isAfterChunk)
        {
            _isAfterChunk = false;
            return line.Length == 0 ? Progress.More : Progress.Malformed;
        }

        var size = line.Split(';')[0].TrimEnd(' ', '\t');

        // .NET's number parser ignores trailing NUL characters, so check every character first.
        if (size.AsSpan().ContainsAnyExcept(HexDigits)
            || !long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _chunkRest)
            || _chunkRest < 0)
        {
            return Progress.Malformed;
        }

        _isInTrailer = _chunkRest == 0;
        _isAfterChunk = !_isInTrailer;
        return Progress.More;
    }
}
