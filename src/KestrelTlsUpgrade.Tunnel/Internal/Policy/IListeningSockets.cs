using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>The sockets on which this process currently listens for TCP connections.</summary>
internal interface IListeningSockets
{
    /// <summary>The addresses on which the process listens at a port, as bound: an unspecified address means all of them.</summary>
    IReadOnlyCollection<IPAddress> Find(int port);
}
