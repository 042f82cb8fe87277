using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// A connection to a proxy. Any 2xx answer to CONNECT opens the tunnel (RFC 9110 section 9.3.6), but SocketsHttpHandler only accepts 200,
/// so other 2xx codes are rewritten to 200.
/// </summary>
internal sealed class ConnectAnswerStream(Stream inner) : WrappedStream(inner)
{
    private int _position;
    private bool _isSuccess;

    public override int Read(Span<byte> buffer)
    {
        var count = Inner.Read(buffer);
        Pass(buffer[..count]);
        return count;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        BeginRequest();
        Inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginRequest();
        return Inner.WriteAsync(buffer, cancellationToken);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Pass(buffer.Span[..count]);
        return count;
    }

    /// <summary>
    /// A 407 may be followed by another CONNECT on the same connection. A success is followed by the tunnel, whose bytes are not answers to
    /// CONNECT even if they look like one.
    /// </summary>
    private void BeginRequest()
    {
        if (!_isSuccess)
        {
            _position = 0;
        }
    }

    /// <summary>Inspects the status code of an answer: <c>HTTP/1.1 2xx</c>.</summary>
    private void Pass(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length && _position < 12; i++, _position++)
        {
            _isSuccess |= _position == 9 && bytes[i] == '2';
            if (_isSuccess && _position > 9 && bytes[i] is >= (byte)'0' and <= (byte)'9')
            {
                bytes[i] = (byte)'0';
            }
        }
    }
}
