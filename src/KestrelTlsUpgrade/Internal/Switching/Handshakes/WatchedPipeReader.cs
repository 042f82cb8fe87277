using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Internal.Switching.Handshakes;

/// <summary>Takes a look at the first bytes of a handshake as they are read. After that it only passes calls on.</summary>
internal sealed class WatchedPipeReader(PipeReader inner, HandshakeWatch watch) : PipeReader
{
    private bool _hasLooked;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_hasLooked)
        {
            return inner.ReadAsync(cancellationToken);
        }

        return ReadFirstAsync(cancellationToken);
    }

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
    private async ValueTask<ReadResult> ReadFirstAsync(CancellationToken cancellationToken)
    {
        var result = await inner.ReadAsync(cancellationToken);
        Look(result.Buffer);
        return result;
    }

    private void Look(in ReadOnlySequence<byte> buffer)
    {
        if (_hasLooked || buffer.IsEmpty)
        {
            return;
        }

        _hasLooked = true;
        (watch.IsTls, watch.Offered) = ClientHelloVersions.Read(buffer.FirstSpan);
    }
}
