using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Support;

/// <summary>A destination on a loopback address that does what the test says on each connection.</summary>
internal sealed class Origin : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<NetworkStream, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<NetworkStream> _streams = new();
    private readonly ConcurrentQueue<Task> _work = new();
    private readonly Task _accepting;

    public Origin(Func<NetworkStream, Task> serve, string address = "127.0.0.1", int backlog = 6000)
    {
        _serve = serve;
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start(backlog);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Authority => _listener.LocalEndpoint.ToString()!;

    /// <summary>How many connections there were.</summary>
    public int Count => _streams.Count;

    /// <summary>Sends back what it gets, and ends when the caller does.</summary>
    public static Origin Echo(string address = "127.0.0.1") => new(static stream => stream.CopyToAsync(stream), address);

    /// <summary>Waits until every connection so far has been served.</summary>
    public Task ServedAsync() => Task.WhenAll(_work).WaitAsync(RawConnection.Patience);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        await ServedAsync();
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
                var stream = new NetworkStream(socket, ownsSocket: true);
                _streams.Enqueue(stream);
                _work.Enqueue(ServeAsync(stream));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task ServeAsync(NetworkStream stream)
    {
        await using (stream)
        {
            try
            {
                await _serve(stream);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // The tunnel left; whether it should have is what the test asks.
            }
        }
    }
}
