using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Where this process listens for TCP connections at the moment.</summary>
internal interface IListeningSockets
{
    /// <summary>The addresses that it listens on at a port, as they were bound: an unspecified one stands for all.</summary>
    IReadOnlyCollection<IPAddress> Find(int port);
}
