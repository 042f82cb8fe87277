using System.Net.Sockets;

namespace KestrelTlsUpgrade.Faults.Tests.Link;

/// <summary>A connection through the link: the client's socket, the server's, and what goes between them.</summary>
internal sealed class LinkedConnection : IDisposable
{
    private readonly Socket _client;
    private readonly Socket _server;

    public LinkedConnection(Socket client, Socket server, Fault? fault)
    {
        _client = client;
        _server = server;
        ToServer = new LinkDirection(client, server, fault?.Direction is Direction.ToServer ? fault : null);
        ToClient = new LinkDirection(server, client, fault?.Direction is Direction.ToClient ? fault : null);
    }

    public LinkDirection ToServer { get; }

    public LinkDirection ToClient { get; }

    public Task RunAsync() => Task.WhenAll(ToServer.PumpAsync(ToClient), ToClient.PumpAsync(ToServer));

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }
}
