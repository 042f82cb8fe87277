namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// A connection on which the server has nothing to say until it is asked. A read of one octet is pending from the beginning, so that
/// what comes before the first request shows, and is never taken for the answer to it.
/// </summary>
internal sealed class QuietStream : WrappedStream
{
    private readonly byte[] _octet = new byte[1];
    private readonly string _peer;
    private readonly Task<int> _first;
    private bool _isTaken;
    private bool _hasAsked;

    /// <param name="inner">The connection.</param>
    /// <param name="peer">What the server is called in messages.</param>
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
            // It ends with the connection, and nobody is interested in how.
            _ = _first.ContinueWith(
                static reading => reading.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        base.Dispose(disposing);
    }

    /// <summary>
    /// Begins the first request. Whether the octet has been read from here does not matter, only that it came too early. An end of the
    /// connection is left to the pool, which knows what can be sent again.
    /// </summary>
    private void Ask()
    {
        if (!_hasAsked && HasReceived)
        {
            throw new HttpIOException(HttpRequestError.InvalidResponse, $"{_peer} sent something before it was asked for anything.");
        }

        _hasAsked = true;
    }

    /// <summary>The read may be pending for long, and must not keep alive what flows from the request that is the first to connect.</summary>
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
        var count = await _first.WaitAsync(cancellationToken);

        // A read without a buffer waits until there is something to read.
        return buffer.Length == 0 ? 0 : Take(count, buffer.Span);
    }

    private int Take(int count, Span<byte> buffer)
    {
        _isTaken = true;
        _octet.AsSpan(0, count).CopyTo(buffer);
        return count;
    }
}
