namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>A complete head where it was received. Valid as long as the buffer is left alone.</summary>
internal readonly ref struct ReceivedHead
{
    private readonly ReadOnlySpan<byte> _fields;

    /// <summary>A head that has been judged, with its empty line.</summary>
    public ReceivedHead(ReadOnlySpan<byte> head)
    {
        Length = head.Length;
        _ = StatusLine.TryParse(TakeLine(ref head), out var statusLine);
        StatusLine = statusLine;
        _fields = head;
    }

    /// <summary>Its length with the empty line: what follows it begins there.</summary>
    public int Length { get; }

    public StatusLine StatusLine { get; }

    /// <summary>Its fields in the order of their lines.</summary>
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

        /// <summary>Goes to the next field. The empty line is none.</summary>
        public bool MoveNext() => FieldLine.TryParse(TakeLine(ref _lines), out _current);
    }
}
