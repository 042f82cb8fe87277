using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// A port for what cannot have a dynamic one, as an endpoint on localhost: from below those that the system hands out, so that
/// nobody who takes a dynamic one gets it meanwhile.
/// </summary>
internal static class FreePort
{
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 30_000);
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
