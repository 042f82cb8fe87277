using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>Stands between a client and a server, passes on what both say, and does harm once.</summary>
internal sealed class FaultyLink : IAsyncDisposable
{
    private readonly EndPoint _server;
    private readonly Fault? _fault;
    private readonly LoopbackListener _listener;
    private readonly ConcurrentQueue<LinkedConnection> _connections = new();
    private readonly TaskCompletionSource _serverEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;

    public FaultyLink(EndPoint server, Fault? fault)
    {
        _server = server;
        _fault = fault;
        _listener = new LoopbackListener(ServeAsync, IPAddress.Loopback);
    }

    public IPEndPoint EndPoint => _listener.EndPoint;

    public IReadOnlyCollection<LinkedConnection> Connections => _connections;

    /// <summary>Whether the fault has happened.</summary>
    public bool HasStruck => _connections.Any(connection => connection.ToServer.HasStruck || connection.ToClient.HasStruck);

    /// <summary>Whether the two directions arrived in another order than they were sent in.</summary>
    public bool HasReordered => _connections.Any(connection => connection.ToServer.HasReordered || connection.ToClient.HasReordered);

    /// <summary>Ends when the server has ended the connection that has the fault.</summary>
    public Task ServerEnd => _serverEnd.Task;

    /// <summary>Waits until those of the two sides that are asked for have ended each connection by themselves.</summary>
    public Task EndedAsync(bool client, bool server) => Task.WhenAll(_connections.SelectMany(connection => new[]
    {
        client ? connection.ToServer.End : Task.CompletedTask,
        server ? connection.ToClient.End : Task.CompletedTask,
    })).WaitAsync(RawConnection.Patience);

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        await _listener.ServedAsync();
    }

    private async Task ServeAsync(Socket client)
    {
        var number = Interlocked.Increment(ref _count) - 1;
        using var near = client;
        using var server = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await server.ConnectAsync(_server);
        using var connection = new LinkedConnection(client, server, _fault?.Connection == number ? _fault : null);
        _connections.Enqueue(connection);
        var running = connection.RunAsync();
        if (_fault?.Connection == number)
        {
            await connection.ToClient.End;
            _serverEnd.TrySetResult();
        }

        await running;
    }
}
