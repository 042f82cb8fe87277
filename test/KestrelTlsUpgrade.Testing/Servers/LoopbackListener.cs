using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Testing;

/// <summary>Listens on a loopback address and serves each connection as it is told.</summary>
internal sealed class LoopbackListener : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<Socket, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Task> _served = new();
    private readonly Task _accepting;

    public LoopbackListener(Func<Socket, Task> serve, IPAddress address, int backlog = 128)
    {
        _serve = serve;
        _listener = new TcpListener(address, 0);
        _listener.Start(backlog);
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Waits until every connection so far has been served.</summary>
    public Task ServedAsync() => Task.WhenAll(_served).WaitAsync(RawConnection.Patience);

    /// <summary>Takes no more connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                _served.Enqueue(_serve(socket));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }
}
