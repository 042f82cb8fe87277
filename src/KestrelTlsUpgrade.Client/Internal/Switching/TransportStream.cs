namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// The connection under TLS. It remembers that it ended, because SslStream reports a bare end of the connection and one with
/// close_notify alike (RFC 2818 section 2.2.1).
/// </summary>
internal sealed class TransportStream(Stream inner) : WrappedStream(inner)
{
    public bool HasEnded { get; private set; }

    public override int Read(Span<byte> buffer) => Note(Inner.Read(buffer), buffer.Length);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = Inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Note(reading.Result, buffer.Length)) : WaitAsync(reading, buffer.Length);
    }

    private async ValueTask<int> WaitAsync(ValueTask<int> reading, int length) => Note(await reading, length);

    private int Note(int count, int length)
    {
        HasEnded |= count == 0 && length > 0;
        return count;
    }
}
