namespace KestrelTlsUpgrade.FunctionalTests.Samples.Printer;

/// <summary>A request whose document is made while it is sent.</summary>
/// <param name="beginning">The attributes.</param>
/// <param name="length">The octets of the document, a PDF that consists of spaces.</param>
internal sealed class EndlessDocument(byte[] beginning, long length) : Stream
{
    private readonly byte[] _beginning = [.. beginning, .. "%PDF-"u8];
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, beginning.Length + length - _position);
        buffer = buffer[..count];
        buffer.Fill((byte)' ');
        if (_position < _beginning.Length)
        {
            _beginning.AsSpan((int)_position, (int)Math.Min(count, _beginning.Length - _position)).CopyTo(buffer);
        }

        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
