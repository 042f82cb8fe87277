namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>A complete head in the buffer in which it was received. Valid until the buffer changes.</summary>
internal readonly ref struct ReceivedHead
{
    private readonly ReadOnlySpan<byte> _fields;

    /// <summary>Wraps a head that has been judged, including its empty line.</summary>
    public ReceivedHead(ReadOnlySpan<byte> head)
    {
        Length = head.Length;
        _ = StatusLine.TryParse(TakeLine(ref head), out var statusLine);
        StatusLine = statusLine;
        _fields = head;
    }

    /// <summary>The length including the empty line. The content begins after it.</summary>
    public int Length { get; }

    public StatusLine StatusLine { get; }

    /// <summary>Enumerates the fields in the order of their lines.</summary>
    public FieldEnumerator GetEnumerator() => new(_fields);

    private static ReadOnlySpan<byte> TakeLine(scoped ref ReadOnlySpan<byte> lines)
    {
        var end = lines.IndexOf("\r\n"u8);
        var line = lines[..end];
        lines = lines[(end + 2)..];
        return line;
    }

    public ref struct FieldEnumerator(ReadOnlySpan<byte> lines)
    {
        private ReadOnlySpan<byte> _lines = lines;
        private FieldLine _current;

        public readonly FieldLine Current => _current;

        /// <summary>Moves to the next field. The empty line ends the enumeration.</summary>
        public bool MoveNext() => FieldLine.TryParse(TakeLine(ref _lines), out _current);
    }
}
