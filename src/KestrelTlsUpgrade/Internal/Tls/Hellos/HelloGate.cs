using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Internal.Replay;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>
/// A reader below TLS that blocks until the ClientHello is complete and has been checked. It runs under Kestrel's handshake timeout. After
/// the handshake it only forwards calls.
/// </summary>
internal sealed class HelloGate(PipeReader transport, HandshakeTrace trace) : PipeReader
{
    /// <summary>The reader that TLS gets. <see langword="null"/> until the client has been admitted.</summary>
    private PipeReader? _source;

    private ClientHelloAssembler? _assembler = new();
    private bool _hasEnded;

    /// <summary>Whether TLS has consumed all that it was given. It then writes its answer before it reads again.</summary>
    private bool _isConsumed;

    private ReadOnlySequence<byte> _given;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        trace.IsCompleted ? _source!.ReadAsync(cancellationToken) : ReadHandshakeAsync(cancellationToken);

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        return _source?.TryRead(out result) ?? false;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_hasEnded)
        {
            return;
        }

        if (!trace.IsCompleted)
        {
            _isConsumed = !_given.IsEmpty && _given.Slice(consumed).IsEmpty;
            _given = default;
        }

        _source!.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => (_source ?? transport).CancelPendingRead();

    public override void Complete(Exception? exception = null) => transport.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => transport.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadHandshakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (_source is null && !_hasEnded)
            {
                var result = await transport.ReadAsync(cancellationToken);
                if (TryPass(ref result))
                {
                    _given = result.Buffer;
                    return result;
                }
            }

            if (_hasEnded)
            {
                return new ReadResult(default, isCanceled: false, isCompleted: true);
            }

            trace.IsAnswered |= _isConsumed;
            var answer = await _source!.ReadAsync(cancellationToken);
            _given = answer.Buffer;
            return answer;
        }
        catch (ConnectionAbortedException exception)
        {
            // Kestrel does not distinguish this from its handshake timeout.
            trace.Failure = exception;
            throw;
        }
    }

    /// <summary>Processes received data. Returns true if the result goes to TLS unchanged.</summary>
    private bool TryPass(ref ReadResult result)
    {
        var buffer = result.Buffer;
        var progress = _assembler!.Take(buffer, out var consumed);
        switch (progress)
        {
            case ClientHelloProgress.Incomplete when result.IsCompleted:
                return End(ref result);
            case ClientHelloProgress.Incomplete:
                transport.AdvanceTo(consumed, buffer.End);
                return false;
            case ClientHelloProgress.Complete:
                return Admit(_assembler, ref result, consumed);
            case ClientHelloProgress.Alert:
                trace.BeganWithAlert = true;
                trace.FirstAlert = buffer.FirstSpan is [_, 0x03, _, 0x00, 0x02, _, var description, ..] ? description : null;
                return Refuse(FailureCause.ClientAlert, ref result);
            case ClientHelloProgress.NotTls:
                return Refuse(FailureCause.PlaintextAfter101, ref result);
            default:
                return Refuse(FailureCause.UnreadableHello, ref result);
        }
    }

    private bool Refuse(FailureCause cause, ref ReadResult result)
    {
        trace.Refusal = cause;
        return End(ref result);
    }

    /// <summary>
    /// Signals the end of the connection to TLS, which then fails in the cheapest way: with one exception, and without having read client
    /// data.
    /// </summary>
    private bool End(ref ReadResult result)
    {
        transport.AdvanceTo(result.Buffer.End);
        _hasEnded = true;
        result = new ReadResult(default, isCanceled: false, isCompleted: true);
        return true;
    }

    private bool Admit(ClientHelloAssembler assembler, ref ReadResult result, SequencePosition consumed)
    {
        if (!trace.TryAdmit(assembler.Hello!))
        {
            return End(ref result);
        }

        _assembler = null;
        if (assembler.Record.IsEmpty)
        {
            _source = transport;
            result = new ReadResult(result.Buffer, isCanceled: false, result.IsCompleted);
            return true;
        }

        // .NET reads server name and ALPN from the first record only, OpenSSL from all of them. In a single record, both read the same.
        transport.AdvanceTo(consumed);
        _source = new ReplayPipeReader(assembler.Record, transport);
        return false;
    }
}
