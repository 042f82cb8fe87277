namespace KestrelTlsUpgrade.Tool.Requests.Tracing;

/// <summary>
/// Finds the heads in a connection's messages in order to show them. A message starts where the direction changes, because HttpClient sends
/// nothing before it has received the previous answer.
/// </summary>
internal sealed class MessageTrace(ExchangeTrace trace)
{
    private const byte TlsHandshake = 0x16;
    private const int MaxLineLength = 8 * 1024;

    private readonly List<byte> _line = [];
    private bool _isSending;
    private bool _isInHead;
    private bool _isInterim;
    private bool _isStatusLine;
    private bool _isTls;
    private bool _hasContent;

    public void Sending(ReadOnlySpan<byte> bytes) => Pass(bytes, isSending: true);

    public void Received(ReadOnlySpan<byte> bytes) => Pass(bytes, isSending: false);

    private void Pass(ReadOnlySpan<byte> bytes, bool isSending)
    {
        if (_isTls || bytes.IsEmpty)
        {
            return;
        }

        if (isSending != _isSending || (!_isInHead && !_hasContent))
        {
            Begin(bytes[0], isSending);
        }

        while (_isInHead && !bytes.IsEmpty)
        {
            bytes = TakeLine(bytes);
        }

        if (!_isTls && !bytes.IsEmpty)
        {
            _hasContent = true;
            trace.Content(isSending, bytes.Length);
        }
    }

    private void Begin(byte first, bool isSending)
    {
        // Content that waited for a 100 belongs to the request whose head has been shown.
        var isContent = isSending && _isInterim;
        _isSending = isSending;
        _isInterim = false;
        _hasContent = isContent;
        _line.Clear();
        _isTls = isSending && first == TlsHandshake;
        _isInHead = !isContent && !_isTls && char.IsAsciiLetterUpper((char)first);
        _isStatusLine = _isInHead && !isSending;
        if (_isTls)
        {
            trace.TlsBegins();
        }
    }

    /// <summary>Consumes a line of a head, or the part that is available.</summary>
    private ReadOnlySpan<byte> TakeLine(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        _line.AddRange(end < 0 ? bytes : bytes[..end]);
        if (end < 0 && _line.Count < MaxLineLength)
        {
            return default;
        }

        var line = System.Text.Encoding.Latin1.GetString([.. _line]).TrimEnd('\r');
        _line.Clear();
        trace.HeadLine(_isSending, line);
        if (_isStatusLine)
        {
            _isStatusLine = false;
            _isInterim = line.StartsWith("HTTP/1.1 1", StringComparison.Ordinal) && !line.StartsWith("HTTP/1.1 101", StringComparison.Ordinal);
        }

        if (line.Length == 0)
        {
            EndHead();
        }

        return end < 0 ? default : bytes[(end + 1)..];
    }

    private void EndHead()
    {
        // After an interim response, another head follows from the same side.
        _isInHead = _isInterim && !_isSending;
        _isStatusLine = _isInHead;
        _hasContent = !_isInHead;
    }
}
