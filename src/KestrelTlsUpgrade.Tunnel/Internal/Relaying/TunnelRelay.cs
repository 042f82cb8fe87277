using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// Relays bytes in both directions without interpreting them (RFC 9110 section 9.3.6). Buffers no more than the transport and one block per
/// direction. Back-pressure: if one side stops reading, the other is no longer read from.
/// </summary>
internal sealed class TunnelRelay(
    ConnectionContext connection, Upstream upstream, TunnelFeature traffic, TunnelWatch watch, LargeBlocks largeBlocks)
{
    private readonly IDuplexPipe _transport = connection.Transport;

    /// <summary>
    /// The answer to a successful CONNECT. It has no Content-Length, no Transfer-Encoding and no other field: the tunnel starts right after
    /// it (RFC 9110 section 9.3.6).
    /// </summary>
    private static ReadOnlySpan<byte> Established => "HTTP/1.1 200 Connection established\r\n\r\n"u8;

    /// <summary>Answers the CONNECT and relays until the tunnel ends.</summary>
    public async Task<TunnelOutcome> RunAsync()
    {
        var receiving = ReceiveAsync();
        var sending = SendAsync();
        if (await Task.WhenAny(sending, receiving) == sending)
        {
            switch (await sending)
            {
                case RelayEnd.Completed:
                    watch.CallerEnded();
                    break;

                case RelayEnd.SourceFailed:
                    watch.Stop(TunnelOutcome.CallerAborted);
                    break;

                case RelayEnd.SinkFailed:
                    watch.DestinationFailed();
                    break;
            }
        }

        // Everything that the destination sent is delivered to the caller. Then the tunnel ends, and data that the caller still sends is
        // not delivered (RFC 2817 section 5.3).
        watch.Stop(await receiving switch
        {
            RelayEnd.Completed => TunnelOutcome.Completed,
            RelayEnd.SinkFailed => TunnelOutcome.CallerAborted,
            _ => TunnelOutcome.DestinationAborted,
        });
        await sending;
        return watch.Outcome;
    }

    private async Task<RelayEnd> SendAsync()
    {
        var input = _transport.Input;
        var blockLength = new BlockLength(largeBlocks);
        while (true)
        {
            ReadResult result;
            try
            {
                result = await input.ReadAsync();
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                return RelayEnd.SourceFailed;
            }

            if (result.IsCanceled)
            {
                input.AdvanceTo(result.Buffer.Start);
                return RelayEnd.Stopped;
            }

            try
            {
                await WriteAsync(result.Buffer, blockLength);
                if (result.IsCompleted)
                {
                    await upstream.EndSendingAsync();
                    return RelayEnd.Completed;
                }
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                // Data that the destination sent before it left is still to be relayed.
                return RelayEnd.SinkFailed;
            }
            finally
            {
                input.AdvanceTo(result.Buffer.End);
            }
        }
    }

    private async ValueTask WriteAsync(ReadOnlySequence<byte> bytes, BlockLength blockLength)
    {
        while (bytes.Length > bytes.First.Length)
        {
            // The transport's segments are small: one copy is cheaper than one system call per segment.
            var block = ArrayPool<byte>.Shared.Rent(blockLength.Take());
            try
            {
                var count = (int)Math.Min(bytes.Length, block.Length);
                bytes.Slice(0, count).CopyTo(block);
                await WriteAsync(block.AsMemory(0, count));
                bytes = bytes.Slice(count);
                blockLength.Adapt(count);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block);
                blockLength.GiveBack();
            }
        }

        await WriteAsync(bytes.First);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            // If this fails, the caller stays unread.
            watch.IsCallerUnread = true;
            await upstream.Stream.WriteAsync(bytes);
            watch.IsCallerUnread = false;
            traffic.AddSent(bytes.Length);
        }
    }

    private async Task<RelayEnd> ReceiveAsync()
    {
        var output = _transport.Output;
        output.Write(Established);
        output.Write(upstream.Early.Span);
        traffic.AddReceived(upstream.Early.Length);
        if (await FlushAsync() is { } failed)
        {
            return failed;
        }

        var blockLength = new BlockLength(largeBlocks);
        var isPlenty = false;
        while (true)
        {
            try
            {
                if (!isPlenty)
                {
                    // A zero-byte read, so that an idle tunnel holds no buffer.
                    _ = await upstream.Stream.ReadAsync(Memory<byte>.Empty);
                }

                var block = output.GetMemory(blockLength.Take());
                var count = await upstream.Stream.ReadAsync(block);
                if (count == 0)
                {
                    return RelayEnd.Completed;
                }

                output.Advance(count);
                traffic.AddReceived(count);
                isPlenty = count == block.Length;
                blockLength.Adapt(count);
                if (await FlushAsync() is { } end)
                {
                    return end;
                }
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                return RelayEnd.SourceFailed;
            }
            finally
            {
                blockLength.GiveBack();
            }
        }
    }

    private async ValueTask<RelayEnd?> FlushAsync()
    {
        try
        {
            watch.IsDestinationUnread = true;
            var result = await _transport.Output.FlushAsync();
            watch.IsDestinationUnread = false;
            return result.IsCanceled ? RelayEnd.Stopped : result.IsCompleted ? RelayEnd.SinkFailed : null;
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            return RelayEnd.SinkFailed;
        }
    }

    private static bool IsBroken(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException;

    /// <summary>How one direction of a tunnel ended.</summary>
    private enum RelayEnd
    {
        /// <summary>The source ended, and all of its data was relayed.</summary>
        Completed,

        /// <summary>The source failed.</summary>
        SourceFailed,

        /// <summary>The sink no longer accepts data.</summary>
        SinkFailed,

        /// <summary>The tunnel was stopped.</summary>
        Stopped,
    }
}
