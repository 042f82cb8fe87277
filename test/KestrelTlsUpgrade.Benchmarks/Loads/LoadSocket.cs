using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>Sockets whose connections leave nothing behind.</summary>
internal static class LoadSocket
{
    public static async Task<NetworkStream> ConnectAsync(IPEndPoint server)
    {
        var socket = Create();
        try
        {
            await socket.ConnectAsync(server);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static Socket Create() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
    {
        NoDelay = true,

        // A reset at the end keeps ten thousands of connections from lingering in the kernel.
        LingerState = new LingerOption(enable: true, seconds: 0),
    };
}
