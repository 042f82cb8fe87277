using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Counts, and has something happen at the last moment.</summary>
internal sealed class CountingPipeReader(PipeReader inner) : PipeReader
{
    private int _abandonedReads;

    public int Reads { get; private set; }

    public int Cancellations { get; private set; }

    /// <summary>Reads that were given up by their token.</summary>
    public int AbandonedReads => Volatile.Read(ref _abandonedReads);

    public Action? BeforeCancellation { get; set; }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        Reads++;
        cancellationToken.UnsafeRegister(_ => Interlocked.Increment(ref _abandonedReads), null);
        return inner.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead()
    {
        Cancellations++;
        BeforeCancellation?.Invoke();
        inner.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
