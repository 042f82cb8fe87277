using System.Buffers;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>One direction of a connection. It does what the fault says at the byte at which it says so.</summary>
internal sealed class LinkDirection(Socket source, Socket sink, Fault? fault)
{
    /// <summary>A reader that was waiting has certainly begun to read by then.</summary>
    private const int TurnsToRead = 4;

    /// <summary>A peer that had something to say about what it has got has said it by then, or waits for more.</summary>
    private const int QuietTurns = 40;

    private static readonly byte[] Request = [.. "GET /inserted HTTP/1.1\r\nHost: localhost\r\n\r\n"u8];
    private static readonly byte[] Answer = [.. "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ninserted"u8];

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ArrayBufferWriter<byte> _sent = new();
    private LinkDirection? _other;
    private long _passed;
    private bool _isCut;
    private bool _isReset;

    /// <summary>Ends when the source has ended its side, or has vanished.</summary>
    public Task End => _end.Task;

    /// <summary>Whether the fault has happened.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>Whether what came later the other way has passed what was held back here.</summary>
    public bool HasReordered { get; private set; }

    /// <summary>All that the source has sent, whether it was passed on or not.</summary>
    public byte[] Sent => _sent.WrittenSpan.ToArray();

    private long Passed => Volatile.Read(ref _passed);

    public async Task PumpAsync(LinkDirection other)
    {
        _other = other;
        var buffer = new byte[16 * 1024];
        try
        {
            await StrikeAsync();
            int count;
            while ((count = await source.ReceiveAsync(buffer)) > 0)
            {
                _sent.Write(buffer.AsSpan(0, count));
                await PassAsync(buffer.AsMemory(0, count));
            }

            if (!_isCut)
            {
                sink.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // A reset goes on to the other side, unless nothing does.
            if (!_isCut || _isReset)
            {
                Reset(sink);
            }
        }
        finally
        {
            _end.SetResult();
        }
    }

    private async Task PassAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_isCut)
        {
            return;
        }

        var before = fault is null || HasStruck ? bytes.Length : (int)Math.Min(bytes.Length, fault.Offset - Passed);
        await SendAsync(bytes[..before]);
        await StrikeAsync();
        if (before < bytes.Length && !_isCut)
        {
            if (!HasStruck)
            {
                HasStruck = true;
                await HoldAsync();
            }

            await SendAsync(bytes[before..]);
        }
    }

    /// <summary>What does harm does so as soon as the last byte before it has passed.</summary>
    private async Task StrikeAsync()
    {
        if (HasStruck || fault is null or { IsHarmless: true } || fault.Offset != Passed)
        {
            return;
        }

        HasStruck = true;
        _isCut = fault.Kind is not FaultKind.Insert;
        switch (fault.Kind)
        {
            case FaultKind.Insert:
                await sink.SendAsync(fault.Direction is Direction.ToServer ? Request : Answer);
                break;

            case FaultKind.Truncate:
                sink.Shutdown(SocketShutdown.Send);
                break;

            case FaultKind.Reset:
                _isReset = true;
                Reset(sink);
                Reset(source);
                break;
        }
    }

    private async Task HoldAsync()
    {
        var other = _other!;
        var said = other.Passed;
        switch (fault!.Kind)
        {
            case FaultKind.Split:
                await EventLoop.TurnAsync(TurnsToRead);
                break;

            case FaultKind.Reorder:
                await EventLoop.TurnAsync(2 * QuietTurns, () => other.Passed > said);
                HasReordered = other.Passed > said;
                break;

            case FaultKind.Delay:
                var isQuiet = false;
                while (!isQuiet)
                {
                    await EventLoop.TurnAsync(QuietTurns, () => other.Passed > said);
                    isQuiet = other.Passed == said;
                    said = other.Passed;
                }

                break;
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                var count = await sink.SendAsync(bytes);
                bytes = bytes[count..];
                Volatile.Write(ref _passed, _passed + count);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Nobody takes it any more. What becomes of the source is still to be seen.
            _isCut = true;
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is closed already.
        }
    }
}
