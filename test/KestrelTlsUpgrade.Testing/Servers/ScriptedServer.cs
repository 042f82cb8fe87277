using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace KestrelTlsUpgrade.Testing;

/// <summary>A server, or a proxy, that does what the test says on each connection, right or wrong.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly LoopbackListener _listener;
    private readonly Func<ScriptedConnection, Task> _script;
    private readonly ConcurrentQueue<ScriptedConnection> _connections = new();

    public ScriptedServer(Func<ScriptedConnection, Task> script, IPAddress? address = null)
    {
        _script = script;
        _listener = new LoopbackListener(RunAsync, address ?? IPAddress.Loopback);
    }

    public int Port => _listener.EndPoint.Port;

    public string Uri => $"http://127.0.0.1:{Port}/";

    public string NameUri => $"http://localhost:{Port}/";

    public ScriptedConnection[] Connections => [.. _connections];

    /// <summary>All request heads of all connections.</summary>
    public string[] Heads => [.. _connections.SelectMany(connection => connection.Heads)];

    /// <summary>Waits until every script so far has run to its end, so that what it saw is there.</summary>
    public Task EndedAsync() => _listener.ServedAsync();

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await EndedAsync();
    }

    private async Task RunAsync(Socket socket)
    {
        var connection = new ScriptedConnection(socket, _connections.Count);
        _connections.Enqueue(connection);
        await using (connection)
        {
            try
            {
                await _script(connection);
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or AuthenticationException
                or InvalidOperationException or OperationCanceledException)
            {
                // The client left; whether it should have is what the test asks.
            }
        }
    }
}
