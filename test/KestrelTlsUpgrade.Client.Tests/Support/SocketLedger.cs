using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Support;

/// <summary>Knows every socket that a client has opened, and whether it is still open.</summary>
internal sealed class SocketLedger
{
    private readonly ConcurrentQueue<Socket> _sockets = new();

    public int Opened => _sockets.Count;

    public int Open => _sockets.Count(socket => !socket.SafeHandle.IsClosed);

    /// <summary>For SocketsHttpHandler's ConnectCallback.</summary>
    public Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Connect(int port) => async (_, cancellationToken) =>
    {
        var stream = await Support.Connect.ToAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
        _sockets.Enqueue(stream.Socket);
        return stream;
    };

    /// <summary>Waits until all of them are closed.</summary>
    public Task AllClosedAsync() => Settling.UntilAsync(() => Open == 0, () => $"{Open} of {Opened} sockets");
}
