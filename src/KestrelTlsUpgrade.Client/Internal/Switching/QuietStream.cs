using KestrelTlsUpgrade.Internal.Tasks;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// A connection on which the server must stay silent until the first request. A one-byte read is pending from the start, so data that
/// arrives before the request is detected and never taken for its answer.
/// </summary>
internal sealed class QuietStream : WrappedStream
{
    private readonly byte[] _octet = new byte[1];
    private readonly string _peer;
    private readonly Task<int> _first;
    private bool _isTaken;
    private bool _hasAsked;

    /// <param name="inner">The connection.</param>
    /// <param name="peer">The server's name in messages.</param>
    public QuietStream(Stream inner, string peer)
        : base(inner)
    {
        _peer = peer;
        _first = BeginReading();
    }

    /// <summary>Whether the server has closed the connection, or sent something.</summary>
    public bool HasEndedQuiet => _first.IsCompleted;

    /// <summary>Whether the server has sent something.</summary>
    public bool HasReceived => _first is { IsCompletedSuccessfully: true, Result: > 0 };

    public override int Read(Span<byte> buffer)
    {
        if (_isTaken)
        {
            return Inner.Read(buffer);
        }

        return buffer.Length == 0 ? 0 : Take(_first.GetAwaiter().GetResult(), buffer);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isTaken ? Inner.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Ask();
        Inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Ask();
        return Inner.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // The read ends with the connection; its outcome does not matter.
            _first.ObserveFailure();
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Starts the first request. It does not matter whether the byte has been read here, only that it came too early. If the connection has
    /// ended, the pool decides, because it knows what can be sent again.
    /// </summary>
    private void Ask()
    {
        if (!_hasAsked && HasReceived)
        {
            throw new HttpIOException(HttpRequestError.InvalidResponse, $"{_peer} sent data before any request.");
        }

        _hasAsked = true;
    }

    /// <summary>The read may be pending for long and must not keep the execution context of the first request alive.</summary>
    private Task<int> BeginReading()
    {
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        try
        {
            return Inner.ReadAsync(_octet).AsTask();
        }
        finally
        {
            flow?.Undo();
        }
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await _first.WaitAsync(cancellationToken).ConfigureAwait(false);

        // A zero-byte read waits until data is available.
        return buffer.Length == 0 ? 0 : Take(count, buffer.Span);
    }

    private int Take(int count, Span<byte> buffer)
    {
        _isTaken = true;
        _octet.AsSpan(0, count).CopyTo(buffer);
        return count;
    }
}
