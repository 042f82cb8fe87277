using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;

namespace KestrelTlsUpgrade.Internal.Replay;

/// <summary>Returns the plaintext request head, and then the data of the TLS client. The first read returns the head alone.</summary>
internal sealed class ReplayPipeReader(ReadOnlyMemory<byte> head, PipeReader inner) : PipeReader
{
    private ReadOnlyMemory<byte> _head = head;
    private bool _isHeadExamined;
    private ReadOnlySequence<byte> _read;
    private ReadOnlySequence<byte> _innerRead;
    private bool _isInnerRead;
    private Action? _onHeadTaken;

    /// <summary>Registers an action that runs once, when the head has been consumed and its request is being answered.</summary>
    public void OnHeadTaken(Action action) => _onHeadTaken = action;

    public override bool TryRead(out ReadResult result)
    {
        if (TryReadHead(out result))
        {
            return true;
        }

        if (!inner.TryRead(out result))
        {
            return false;
        }

        result = Prepend(result);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        if (TryReadHead(out var result))
        {
            return new(result);
        }

        return _head.IsEmpty ? inner.ReadAsync(cancellationToken) : ReadWithHeadAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_head.IsEmpty)
        {
            inner.AdvanceTo(consumed, examined);
            return;
        }

        var consumedLength = _read.Slice(_read.Start, consumed).Length;
        var examinedLength = _read.Slice(_read.Start, examined).Length;
        var headLength = _head.Length;
        if (_isInnerRead)
        {
            _isInnerRead = false;
            inner.AdvanceTo(
                _innerRead.GetPosition(Math.Max(0, consumedLength - headLength)),
                _innerRead.GetPosition(Math.Max(0, examinedLength - headLength)));
        }

        _isHeadExamined = examinedLength >= headLength;
        _head = consumedLength < headLength ? _head[(int)consumedLength..] : default;
        _read = _innerRead = default;
        if (_head.IsEmpty)
        {
            _onHeadTaken?.Invoke();
            _onHeadTaken = null;
        }
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    private bool TryReadHead([NotNullWhen(true)] out ReadResult result)
    {
        if (!_head.IsEmpty && !_isHeadExamined)
        {
            _read = new ReadOnlySequence<byte>(_head);
            result = new ReadResult(_read, isCanceled: false, isCompleted: false);
            return true;
        }

        result = default;
        return false;
    }

    private async ValueTask<ReadResult> ReadWithHeadAsync(CancellationToken cancellationToken) =>
        Prepend(await inner.ReadAsync(cancellationToken));

    /// <summary>Prepends the rest of the head: the reader has examined all of it, and needs more data before it consumes it.</summary>
    private ReadResult Prepend(ReadResult result)
    {
        if (_head.IsEmpty)
        {
            return result;
        }

        _innerRead = result.Buffer;
        _isInnerRead = true;
        var first = new Segment(_head, 0);
        var last = first;
        foreach (var memory in result.Buffer)
        {
            last = last.Append(memory);
        }

        _read = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        return new ReadResult(_read, result.IsCanceled, result.IsCompleted);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
