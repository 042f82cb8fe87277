using System.Buffers;
using System.IO.Pipelines;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Input;

/// <summary>
/// A connection on which the next piece comes when all that is there has been examined, and which ends behind the last one. It
/// never waits. Whoever breaks the rules of a pipe fails.
/// </summary>
internal sealed class SegmentedPipeReader(IReadOnlyList<ReadOnlyMemory<byte>> pieces, bool endsWithLast = false) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private int _arrived;
    private bool _hasEnded = pieces.Count == 0 && endsWithLast;
    private bool _isReading;
    private long _arrivedLength;
    private long _examined;

    /// <summary>How much has been taken.</summary>
    public long Consumed { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        Oracle.Holds(!_isReading, "A read ends before the next one begins.");
        if (_examined == _arrivedLength && !_hasEnded)
        {
            result = default;
            return false;
        }

        _isReading = true;
        _buffer = CreateBuffer();
        result = new ReadResult(_buffer, isCanceled: false, isCompleted: _hasEnded);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_examined == _arrivedLength && _arrived < pieces.Count)
        {
            _arrivedLength += pieces[_arrived++].Length;
            _hasEnded = _arrived == pieces.Count && endsWithLast;
        }
        else if (_examined == _arrivedLength)
        {
            _hasEnded = true;
        }

        Oracle.Holds(TryRead(out var result), "There is something to read.");
        return new(result);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        Oracle.Holds(_isReading, "Only what has been read is taken.");
        _isReading = false;
        var consumedLength = _buffer.Slice(0, consumed).Length;
        var examinedLength = _buffer.Slice(0, examined).Length;
        Oracle.Holds(examinedLength >= consumedLength, "What is taken has been examined.");
        _examined = Consumed + examinedLength;
        Consumed += consumedLength;
    }

    public override void CancelPendingRead() => throw new InvalidOperationException("Nobody has a reason to.");

    public override void Complete(Exception? exception = null)
    {
    }

    private ReadOnlySequence<byte> CreateBuffer()
    {
        var there = new List<ReadOnlyMemory<byte>>();
        var start = 0L;
        foreach (var piece in pieces.Take(_arrived))
        {
            if (start + piece.Length > Consumed)
            {
                there.Add(piece[(int)Math.Max(0, Consumed - start)..]);
            }

            start += piece.Length;
        }

        return there.Count == 0 ? ReadOnlySequence<byte>.Empty : Sequences.Create(there);
    }
}
