namespace KestrelTlsUpgrade.Tool.Requests.Tracing;

/// <summary>
/// Finds the heads in the messages of a connection, for showing. A message begins where the direction changes: HttpClient sends
/// nothing before it has the answer to what it sent before.
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
        // Content that waited for a 100 goes on with the request whose head has been shown.
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

    /// <summary>Takes a line of a head, or as much of it as there is.</summary>
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
        // Another head follows an interim one, from the same side.
        _isInHead = _isInterim && !_isSending;
        _isStatusLine = _isInHead;
        _hasContent = !_isInHead;
    }
}
