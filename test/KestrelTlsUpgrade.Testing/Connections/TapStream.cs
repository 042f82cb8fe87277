namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// Writes down what goes over the wire, and whether the peer closed it: that tells a close_notify from a bare end of stream.
/// </summary>
internal sealed class TapStream(Stream inner) : AsyncStream
{
    private readonly MemoryStream _received = new();
    private readonly MemoryStream _sent = new();

    public bool HasEnded { get; private set; }

    public byte[] Received => _received.ToArray();

    public byte[] Sent => _sent.ToArray();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            HasEnded = true;
            throw;
        }

        HasEnded |= count == 0 && buffer.Length > 0;
        _received.Write(buffer.Span[..count]);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _sent.Write(buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override void Write(byte[] buffer, int offset, int count)
    {
        _sent.Write(buffer, offset, count);
        inner.Write(buffer, offset, count);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
