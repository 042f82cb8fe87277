using System.Buffers;
using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Connections.Peeking;

/// <summary>
/// Returns bytes at once that an earlier reader has examined but not consumed. A pipe returns them only together with further bytes, even
/// if the last read was cancelled and has not examined them.
/// </summary>
internal sealed class ExaminedPipeReader(PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _read;
    private bool _isExaminedAgain;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_isExaminedAgain || cancellationToken.IsCancellationRequested)
        {
            return inner.ReadAsync(cancellationToken);
        }

        if (TryRead(out var result))
        {
            return new(result);
        }

        // Nothing is left that could be returned too late.
        _isExaminedAgain = true;
        return inner.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
        {
            return false;
        }

        if (!_isExaminedAgain)
        {
            _read = result.Buffer;
        }

        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isExaminedAgain)
        {
            _isExaminedAgain = _read.Slice(examined).IsEmpty;
            _read = default;
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
}
