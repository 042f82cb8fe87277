using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>
/// Takes a look at the first bytes of a handshake as they are read, and at what ends it. After that it only passes calls on.
/// </summary>
internal sealed class WatchedPipeReader(PipeReader inner, HandshakeWatch watch) : PipeReader
{
    private const byte AlertRecord = 0x15;

    private bool _hasLooked;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        watch.IsCompleted ? inner.ReadAsync(cancellationToken) : ReadWatchedAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        var isRead = inner.TryRead(out result);
        if (isRead)
        {
            Look(result.Buffer);
        }

        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadWatchedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await inner.ReadAsync(cancellationToken);
            Look(result.Buffer);
            return result;
        }
        catch (ConnectionAbortedException exception)
        {
            // Kestrel does not tell it from its own timeout.
            watch.Failure = exception;
            throw;
        }
    }

    private void Look(in ReadOnlySequence<byte> buffer)
    {
        if (_hasLooked || buffer.IsEmpty)
        {
            return;
        }

        _hasLooked = true;
        var bytes = buffer.FirstSpan;
        (watch.IsTls, watch.Offered) = ClientHelloVersions.Read(bytes);
        watch.BeganWithAlert = bytes[0] == AlertRecord;
        watch.FirstAlert = bytes is [AlertRecord, 0x03, _, 0x00, 0x02, _, var description, ..] ? description : null;
    }
}
