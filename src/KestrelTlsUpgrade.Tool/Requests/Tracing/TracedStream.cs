using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Tool.Requests.Tracing;

/// <summary>Traces the data of a stream: the clear text of a connection, or of the TLS on it.</summary>
internal sealed class TracedStream(Stream inner, ExchangeTrace trace) : WrappedStream(inner)
{
    private readonly MessageTrace _messages = new(trace);

    public override int Read(Span<byte> buffer)
    {
        var count = Inner.Read(buffer);
        _messages.Received(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer, cancellationToken);
        _messages.Received(buffer.Span[..count]);
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _messages.Sending(buffer);
        Inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _messages.Sending(buffer.Span);
        return Inner.WriteAsync(buffer, cancellationToken);
    }
}
