using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Who may open tunnels where nothing is set up about that: whoever is on this machine already.</summary>
internal static class CallerPolicy
{
    public static bool IsLocal(EndPoint? caller) => caller switch
    {
        IPEndPoint endPoint => IPAddress.IsLoopback(SpecialAddresses.Unmap(endPoint.Address)),
        UnixDomainSocketEndPoint => true,
        _ => false,
    };
}
