using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Support;

/// <summary>A server, or a proxy, that does what the test says on each connection, right or wrong.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<ScriptedConnection, Task> _script;
    private readonly ConcurrentQueue<ScriptedConnection> _connections = new();
    private readonly ConcurrentQueue<Task> _scripts = new();
    private readonly Task _accepting;

    public ScriptedServer(Func<ScriptedConnection, Task> script, IPAddress? address = null)
    {
        _script = script;
        _listener = new TcpListener(address ?? IPAddress.Loopback, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Uri => $"http://127.0.0.1:{Port}/";

    public string NameUri => $"http://localhost:{Port}/";

    public ScriptedConnection[] Connections => [.. _connections];

    /// <summary>All request heads of all connections.</summary>
    public string[] Heads => [.. _connections.SelectMany(connection => connection.Heads)];

    /// <summary>Waits until every script so far has run to its end, so that what it saw is there.</summary>
    public Task EndedAsync() => Task.WhenAll(_scripts).WaitAsync(RawConnection.Patience);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        await Task.WhenAll(_scripts).WaitAsync(RawConnection.Patience);
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
                var connection = new ScriptedConnection(socket, _connections.Count);
                _connections.Enqueue(connection);
                _scripts.Enqueue(RunAsync(connection));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
        }
    }

    private async Task RunAsync(ScriptedConnection connection)
    {
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
