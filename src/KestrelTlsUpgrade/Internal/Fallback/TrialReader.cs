using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace KestrelTlsUpgrade.Internal.Fallback;

/// <summary>Sees what a client does after the answer to the request that was upgraded: whether it goes on over TLS, or fails.</summary>
internal sealed class TrialReader(PipeReader input, FallbackTrial trial) : PipeReader
{
    /// <summary>The outcome is open.</summary>
    private FallbackTrial? _trial = trial;

    public override bool TryRead(out ReadResult result)
    {
        try
        {
            if (!input.TryRead(out result))
            {
                return false;
            }
        }
        catch (IOException)
        {
            Fail();
            throw;
        }

        See(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _trial is null ? input.ReadAsync(cancellationToken) : ReadFirstAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed) => input.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => input.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => input.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadFirstAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await input.ReadAsync(cancellationToken);
            See(result);
            return result;
        }
        catch (IOException)
        {
            Fail();
            throw;
        }
    }

    private void See(ReadResult result)
    {
        if (!result.Buffer.IsEmpty)
        {
            _trial?.Succeed();
            _trial = null;
        }
        else if (result.IsCompleted)
        {
            // How the connection ends tells more.
            _trial?.SeeEnd();
            _trial = null;
        }
    }

    private void Fail()
    {
        _trial?.Fail();
        _trial = null;
    }
}
