using System.Buffers;
using System.Globalization;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The content of an answer that opens no tunnel (RFC 9112 section 6.3).</summary>
internal sealed class AnswerContent
{
    private readonly ArrayBufferWriter<byte> _received = new();
    private readonly ChunkedContent? _chunks;
    private readonly long? _length;
    private long _rawLength;
    private bool _isUnusable;

    private AnswerContent(ChunkedContent? chunks, long? length, bool isUnusable)
    {
        _chunks = chunks;
        _length = length;
        _isUnusable = isUnusable || length > NextProxy.MaxAnswerSize;
    }

    /// <summary>Whether there is more to wait for. The end of content without a length is that of the connection.</summary>
    public bool IsIncomplete => !_isUnusable && !IsComplete;

    /// <summary>What can be passed on.</summary>
    public ReadOnlyMemory<byte> Received => !_isUnusable && (IsComplete || !HasEnd) ? _received.WrittenMemory : default;

    /// <summary>How many more bytes are needed at most to know that there are too many.</summary>
    public int Wanted => (int)(NextProxy.MaxAnswerSize + 1 - _rawLength);

    private bool HasEnd => _chunks is not null || _length is not null;

    private bool IsComplete => _chunks is not null ? _chunks.State is ChunkedContent.Progress.Complete : _received.WrittenCount == _length;

    public static AnswerContent Of(NextProxyAnswer answer)
    {
        var codings = string.Join(",", answer.GetValues("Transfer-Encoding"));
        if (codings.Length > 0)
        {
            return new(new ChunkedContent(), null, isUnusable: !codings.Equals("chunked", StringComparison.OrdinalIgnoreCase));
        }

        var lengths = answer.GetValues("Content-Length").Distinct().ToArray();
        return lengths is [] ? new(null, null, isUnusable: false)
            : lengths is [var length] && !length.Contains('\0') && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? new(null, value, isUnusable: false)
            : new(null, null, isUnusable: true);
    }

    /// <summary>Adds bytes that were received. What follows the content is left out.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_isUnusable)
        {
            return;
        }

        _rawLength += bytes.Length;
        if (_chunks is not null)
        {
            _chunks.Take(bytes, _received);
            _isUnusable = _chunks.State is ChunkedContent.Progress.Malformed;
        }
        else
        {
            _received.Write(_length is { } length ? bytes[..(int)Math.Min(bytes.Length, length - _received.WrittenCount)] : bytes);
        }

        _isUnusable |= IsIncomplete && _rawLength > NextProxy.MaxAnswerSize;
    }
}
