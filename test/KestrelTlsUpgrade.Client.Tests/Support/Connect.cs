using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Client.Tests.Support;

/// <summary>Connects as a test wants it, for SocketsHttpHandler's ConnectCallback.</summary>
internal static class Connect
{
    public static async Task<NetworkStream> ToAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Connects to a loopback port, whatever the host is called.</summary>
    public static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> ToPort(int port) =>
        async (_, cancellationToken) => await ToAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
}
