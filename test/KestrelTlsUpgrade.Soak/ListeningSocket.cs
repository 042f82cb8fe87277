using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Soak;

/// <summary>
/// A port that outlives the servers that accept from it, as with socket activation: connections that arrive while one takes over from
/// another wait in one queue, and none is lost with it.
/// </summary>
internal sealed class ListeningSocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ListeningSocket()
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(4096);
        Posix.Inherit((int)_socket.Handle);
    }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public string Descriptor => _socket.Handle.ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _socket.Dispose();
}
