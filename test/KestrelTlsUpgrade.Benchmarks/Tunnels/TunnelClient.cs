using System.Net;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Benchmarks.Loads;

namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>Opens tunnels, and receives and sends through them.</summary>
internal sealed class TunnelClient(IPEndPoint proxy, int originPort)
{
    private readonly byte[] _request = Encoding.ASCII.GetBytes($"CONNECT 127.0.0.1:{originPort} HTTP/1.1\r\nHost: 127.0.0.1:{originPort}\r\n\r\n");
    private readonly byte[] _buffer = new byte[64 * 1024];

    public async Task<NetworkStream> OpenAsync()
    {
        var stream = await LoadSocket.ConnectAsync(proxy);
        await stream.WriteAsync(_request);
        var length = 0;
        do
        {
            var count = await stream.ReadAsync(_buffer.AsMemory(length, 1024));
            length += count > 0 ? count : throw new EndOfStreamException();
        }
        while (!_buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8));

        return _buffer.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8) || _buffer.AsSpan(0, length).StartsWith("HTTP/1.0 200"u8)
            ? stream
            : throw new InvalidDataException(Encoding.Latin1.GetString(_buffer, 0, length));
    }

    /// <summary>Goes on until the time is up. Returns how many tunnels were opened, or how many bytes went.</summary>
    public Task<long> RunAsync(TunnelLoad load, CancellationToken timeUp) =>
        load is TunnelLoad.Open
            ? OpenManyAsync(timeUp)
            : Task.Factory.StartNew(
                () => load is TunnelLoad.Download ? Receive(timeUp) : Send(timeUp),
                CancellationToken.None,
                TaskCreationOptions.LongRunning, // Reads and writes that seldom wait would leave the thread pool no thread to end them.
                TaskScheduler.Default);

    private async Task<long> OpenManyAsync(CancellationToken timeUp)
    {
        var count = 0L;
        for (; !timeUp.IsCancellationRequested; count++)
        {
            await using var stream = await OpenAsync();
        }

        return count;
    }

    private long Receive(CancellationToken timeUp)
    {
        using var socket = Open();
        var sum = 0L;
        while (!timeUp.IsCancellationRequested)
        {
            var count = socket.Receive(_buffer);
            sum += count > 0 ? count : throw new EndOfStreamException();
        }

        // Has the origin end, and not the client: Apache's processes spin for good once a client has reset a tunnel under load.
        socket.Send(new byte[1]);
        for (var count = 1; count > 0; sum += count)
        {
            count = socket.Receive(_buffer);
        }

        return sum;
    }

    private long Send(CancellationToken timeUp)
    {
        using var socket = Open();
        var sum = 0L;
        while (!timeUp.IsCancellationRequested)
        {
            sum += socket.Send(_buffer);
        }

        // All of it has arrived when the origin ends, too.
        socket.Shutdown(SocketShutdown.Send);
        socket.Receive(_buffer);
        return sum;
    }

    public Socket Open()
    {
        var socket = LoadSocket.Create();
        socket.Connect(proxy);
        socket.Send(_request);
        return _buffer.AsSpan(0, socket.Receive(_buffer)).StartsWith("HTTP/1."u8)
            ? socket
            : throw new InvalidDataException("The proxy did not answer.");
    }
}
