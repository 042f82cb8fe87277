using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The transport's input during a handshake. A pipe withholds what has arrived as soon as the connection is reset: with a client that
/// rejects the certificate and closes at once, this is its alert. So the last byte of the ClientHello stays unconsumed until the client
/// answers. What follows it in memory can then still be read.
/// </summary>
internal sealed class HandshakeInput(PipeReader transport) : PipeReader
{
    /// <summary>What the last read returned, or what is left of it after a reset.</summary>
    private ReadOnlySequence<byte> _buffer;

    private SequencePosition _held;
    private State _state;
    private ConnectionResetException? _reset;

    private enum State
    {
        /// <summary>Nothing is held yet.</summary>
        Open,

        /// <summary>All that has arrived was read, and its last byte is held.</summary>
        Holding,

        /// <summary>The connection was reset, and what arrived before is still to be read.</summary>
        Reset,

        /// <summary>Calls are only forwarded.</summary>
        Done,
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => _state switch
    {
        State.Done => transport.ReadAsync(cancellationToken),
        State.Reset => ReadRest(),
        _ => ReadHandshakeAsync(cancellationToken),
    };

    public override bool TryRead(out ReadResult result)
    {
        if (_state is State.Reset)
        {
            result = new ReadResult(_buffer, isCanceled: false, isCompleted: false);
            return !_buffer.IsEmpty;
        }

        var isRead = transport.TryRead(out result);
        if (isRead)
        {
            Take(ref result);
        }

        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        switch (_state)
        {
            case State.Reset:
                // Nothing follows. A reader that has examined all of it and needs more must get the reset, not the same bytes again.
                _buffer = _buffer.Slice(examined).IsEmpty ? default : _buffer.Slice(consumed);
                return;

            case State.Open when !_buffer.IsEmpty && _buffer.Slice(consumed).IsEmpty:
                _held = _buffer.GetPosition(_buffer.Length - 1);
                _state = State.Holding;
                transport.AdvanceTo(_held, examined);
                return;

            default:
                transport.AdvanceTo(consumed, examined);
                return;
        }
    }

    public override void CancelPendingRead() => transport.CancelPendingRead();

    public override void Complete(Exception? exception = null) => transport.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => transport.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadHandshakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var result = await transport.ReadAsync(cancellationToken);
            Take(ref result);
            return result;
        }
        catch (ConnectionResetException exception) when (TryRecover())
        {
            _reset = exception;
            return new ReadResult(_buffer, isCanceled: false, isCompleted: false);
        }
    }

    /// <summary>Hides the byte that is held. It is consumed together with what follows it.</summary>
    private void Take(ref ReadResult result)
    {
        if (_state is State.Holding)
        {
            _state = State.Done;
            result = new ReadResult(result.Buffer.Slice(1), result.IsCanceled, result.IsCompleted);
        }

        _buffer = _state is State.Done ? default : result.Buffer;
    }

    /// <summary>The transport writes no more, so the segments behind the byte that is held do not change.</summary>
    private bool TryRecover()
    {
        if (_state is not State.Holding || _held.GetObject() is not ReadOnlySequenceSegment<byte> first)
        {
            return false;
        }

        var last = first;
        while (last.Next is { } next)
        {
            last = next;
        }

        _buffer = new ReadOnlySequence<byte>(first, _held.GetInteger(), last, last.Memory.Length).Slice(1);
        _state = _buffer.IsEmpty ? State.Done : State.Reset;
        return !_buffer.IsEmpty;
    }

    private ValueTask<ReadResult> ReadRest() => _buffer.IsEmpty
        ? ValueTask.FromException<ReadResult>(_reset!)
        : ValueTask.FromResult(new ReadResult(_buffer, isCanceled: false, isCompleted: false));
}
