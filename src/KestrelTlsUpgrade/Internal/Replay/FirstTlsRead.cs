using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>
/// Cancels and restarts the first read after a handshake if no data arrives. SslStream keeps its 8 KiB handshake buffer until a read ends.
/// With TLS from the first byte, the first request ends it; an upgraded connection has already sent its request, and may stay idle.
/// </summary>
internal sealed class FirstTlsRead : PipeReader
{
    /// <summary>One to two seconds, so that a busy client is not interrupted.</summary>
    private const int BeatsToInterrupt = 2;

    private const int NotBegun = 0;
    private const int Waiting = 1;
    private const int Interrupted = 2;
    private const int Over = 3;

    private readonly PipeReader _inner;
    private int _state;
    private int _beats;
    private int _isCanceled;

    private FirstTlsRead(PipeReader inner) => _inner = inner;

    public static PipeReader Create(PipeReader inner, ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionHeartbeatFeature>() is not { } heartbeat)
        {
            return inner;
        }

        var read = new FirstTlsRead(inner);
        heartbeat.OnHeartbeat(static state => ((FirstTlsRead)state).OnHeartbeat(), read);
        return read;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!_inner.TryRead(out result))
        {
            return false;
        }

        return Volatile.Read(ref _state) == Over || !IsInterruption(ref result);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        Volatile.Read(ref _state) == Over ? _inner.ReadAsync(cancellationToken) : ReadFirstAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _isCanceled, 1);
        _inner.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadFirstAsync(CancellationToken cancellationToken)
    {
        Interlocked.CompareExchange(ref _state, Waiting, NotBegun);
        ReadResult result;
        do
        {
            result = await _inner.ReadAsync(cancellationToken);
        }
        while (IsInterruption(ref result));

        return result;
    }

    /// <summary>
    /// Whether we cancelled the read and it returned nothing. Any other result is passed on as if there had been no cancellation.
    /// </summary>
    private bool IsInterruption(ref ReadResult result)
    {
        if (!result.IsCanceled)
        {
            // If our cancellation lost the race with this read, it will cancel the next one.
            Interlocked.CompareExchange(ref _state, Over, Waiting);
            return false;
        }

        if (Interlocked.Exchange(ref _isCanceled, 0) == 1 || Volatile.Read(ref _state) != Interrupted)
        {
            return false;
        }

        Volatile.Write(ref _state, Over);
        if (result.Buffer.IsEmpty && !result.IsCompleted)
        {
            _inner.AdvanceTo(result.Buffer.Start);
            return true;
        }

        result = new ReadResult(result.Buffer, isCanceled: false, result.IsCompleted);
        return false;
    }

    private void OnHeartbeat()
    {
        if (Volatile.Read(ref _state) == Waiting
            && ++_beats == BeatsToInterrupt
            && Interlocked.CompareExchange(ref _state, Interrupted, Waiting) == Waiting)
        {
            _inner.CancelPendingRead();
        }
    }
}
