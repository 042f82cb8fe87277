using System.Buffers;
using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Lets Kestrel's HTTP layer read one request and examines what follows. If a CONNECT follows, the connection appears to end before it;
/// everything else is read as if this reader were not there.
/// </summary>
internal sealed class LeadingRequestReader(PipeReader inner, long headLength, long maxHeadLength) : PipeReader
{
    private long _left = headLength;
    private ReadOnlySequence<byte> _read;
    private bool _isOpen;

    /// <summary>Whether a CONNECT comes next.</summary>
    public bool IsConnectNext { get; private set; }

    private bool IsBetweenRequests => _left == 0 && !_isOpen;

    public override bool TryRead(out ReadResult result)
    {
        if (IsConnectNext)
        {
            result = End();
            return true;
        }

        if (!inner.TryRead(out result))
        {
            return false;
        }

        if (IsBetweenRequests && !TryPass(ref result))
        {
            result = default;
            return false;
        }

        _read = result.Buffer;
        return true;
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        while (!IsConnectNext)
        {
            var result = await inner.ReadAsync(cancellationToken);
            if (!IsBetweenRequests || TryPass(ref result))
            {
                _read = result.Buffer;
                return result;
            }
        }

        return End();
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (IsConnectNext)
        {
            return;
        }

        if (_left > 0)
        {
            _left = Math.Max(0, _left - _read.Slice(_read.Start, consumed).Length);
        }

        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    /// <summary>The connection continues.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    private static ReadResult End() => new(ReadOnlySequence<byte>.Empty, isCanceled: false, isCompleted: true);

    /// <summary>Whether the bytes are for Kestrel. If not, they are left unread and more bytes are awaited.</summary>
    private bool TryPass(ref ReadResult result)
    {
        var kind = FirstRequest.Classify(result.Buffer, maxHeadLength, out _);
        _isOpen = kind is FirstRequestKind.Other;
        if (_isOpen || (kind is FirstRequestKind.Undecided && (result.IsCompleted || result.IsCanceled)))
        {
            return true;
        }

        IsConnectNext = kind is not FirstRequestKind.Undecided;
        inner.AdvanceTo(result.Buffer.Start, IsConnectNext ? result.Buffer.Start : result.Buffer.End);
        if (IsConnectNext)
        {
            result = End();
        }

        return IsConnectNext;
    }
}
