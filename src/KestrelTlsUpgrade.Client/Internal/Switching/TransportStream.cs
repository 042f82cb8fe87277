using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// The connection under TLS. Remembers whether it ended, because SslStream reports a bare end of the connection and one with close_notify
/// alike (RFC 2818 section 2.2.1).
/// </summary>
internal sealed class TransportStream(Stream inner) : WrappedStream(inner)
{
    private const int Idle = 0;
    private const int Reading = 1;
    private const int Stopped = 2;

    private int _state;

    public bool HasEnded { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        BeginRead();
        return EndRead(Inner.Read(buffer), buffer.Length);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginRead();
        var reading = Inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(EndRead(reading.Result, buffer.Length)) : WaitAsync(reading, buffer.Length);
    }

    /// <summary>
    /// Discards what a pending read returns, so that TLS is idle. Returns false if no read is pending: TLS may then be active.
    /// </summary>
    public bool TryStopReading() => Interlocked.CompareExchange(ref _state, Stopped, Reading) == Reading;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> reading, int length) => EndRead(await reading.ConfigureAwait(false), length);

    private void BeginRead() => Move(from: Idle, to: Reading);

    private int EndRead(int count, int length)
    {
        Move(from: Reading, to: Idle);
        HasEnded |= count == 0 && length > 0;
        return count;
    }

    private void Move(int from, int to)
    {
        if (Interlocked.CompareExchange(ref _state, to, from) == Stopped)
        {
            throw new IOException("The connection is being closed.");
        }
    }
}
