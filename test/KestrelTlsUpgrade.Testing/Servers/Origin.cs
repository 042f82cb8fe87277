using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A destination on a loopback address that does what the test says on each connection.</summary>
internal sealed class Origin : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Func<NetworkStream, Task> _serve;
    private readonly ConcurrentQueue<NetworkStream> _streams = new();

    public Origin(Func<NetworkStream, Task> serve, string address = "127.0.0.1", int backlog = 6000)
    {
        _serve = serve;
        _listener = new LoopbackListener(ServeAsync, IPAddress.Parse(address), backlog);
    }

    public int Port => _listener.EndPoint.Port;

    public string Authority => _listener.EndPoint.ToString();

    /// <summary>How many connections there were.</summary>
    public int Count => _streams.Count;

    /// <summary>Sends back what it gets, and ends when the caller does.</summary>
    public static Origin Echo(string address = "127.0.0.1") => new(static stream => stream.CopyToAsync(stream), address);

    /// <summary>Waits until every connection so far has been served.</summary>
    public Task ServedAsync() => _listener.ServedAsync();

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }

        await ServedAsync();
    }

    private async Task ServeAsync(Socket socket)
    {
        var stream = new NetworkStream(socket, ownsSocket: true);
        _streams.Enqueue(stream);
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
