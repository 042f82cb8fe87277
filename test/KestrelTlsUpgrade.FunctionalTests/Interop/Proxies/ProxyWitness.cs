using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Proxies;

/// <summary>
/// What a proxy has behind it. At first a server that accepts every upgrade to TLS and keeps the heads that it gets, then a pass to a
/// real server.
/// </summary>
internal sealed class ProxyWitness : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _heads = new();
    private readonly LoopbackListener _listener;
    private IPEndPoint? _server;

    public ProxyWitness() => _listener = new LoopbackListener(ServeAsync, IPAddress.Loopback);

    public int Port => _listener.EndPoint.Port;

    /// <summary>The lines of the fields that the proxy made of a request.</summary>
    public string[] GetFields(string target) => _heads.Single(head => head.StartsWith($"GET {target} ", StringComparison.Ordinal))
        .Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[1..];

    public void PassTo(IPEndPoint server) => _server = server;

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await (_server is { } server ? PassAsync(stream, server) : AnswerAsync(stream));
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // The proxy has left.
        }
    }

    private static async Task PassAsync(NetworkStream front, IPEndPoint server)
    {
        using var client = new TcpClient(AddressFamily.InterNetwork) { NoDelay = true };
        await client.ConnectAsync(server);
        var back = client.GetStream();
        await Task.WhenAny(front.CopyToAsync(back), back.CopyToAsync(front));
    }

    /// <summary>Closes every connection that is not upgraded, so that none is left in a pool for later.</summary>
    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var head = new StringBuilder();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Append(line).Append("\r\n");
        }

        _heads.Enqueue(head.ToString());
        var isUpgrade = head.ToString().Contains("\r\nupgrade: tls/1.2", StringComparison.OrdinalIgnoreCase);
        await stream.WriteAsync(isUpgrade
            ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n\r\n"u8.ToArray()
            : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        if (isUpgrade)
        {
            await stream.CopyToAsync(stream);
        }
    }
}
