using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>
/// Whether a connection was reset although nobody reads from it: while one side does not take its data, the other is not read from (see
/// <see cref="Relaying.TunnelRelay"/>), and the transport notices a reset only when it reads or writes.
/// </summary>
internal static class BrokenSocket
{
    /// <summary>Returns <see langword="false"/> if it is not known, as on Windows, where only reading and writing report a reset.</summary>
    public static bool IsBroken(Socket? socket)
    {
        try
        {
            return socket?.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error) is not (null or 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is closed already, by us.
            return false;
        }
    }
}
