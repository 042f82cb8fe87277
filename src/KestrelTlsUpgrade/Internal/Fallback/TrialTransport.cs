using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>
/// The transport's input below TLS. After the handshake, and before the client's next request, all that arrives is an alert: close_notify, if
/// the connection then ends in good order.
/// </summary>
internal sealed class TrialTransport(PipeReader transport, FallbackTrial trial) : PipeReader
{
    public override bool TryRead(out ReadResult result)
    {
        var isRead = transport.TryRead(out result);
        if (isRead)
        {
            See(result);
        }

        return isRead;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        trial.IsOver ? transport.ReadAsync(cancellationToken) : ReadWatchedAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed) => transport.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => transport.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => transport.CancelPendingRead();

    public override void Complete(Exception? exception = null) => transport.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => transport.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadWatchedAsync(CancellationToken cancellationToken)
    {
        var result = await transport.ReadAsync(cancellationToken);
        See(result);
        return result;
    }

    private void See(in ReadResult result)
    {
        if (!result.Buffer.IsEmpty)
        {
            trial.Hear();
        }
    }
}
