using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>Resolves names to addresses, and blocks the thread meanwhile. Use it through <see cref="NameLookups"/>.</summary>
internal interface INameResolver
{
    /// <exception cref="System.Net.Sockets.SocketException">The name cannot be resolved.</exception>
    /// <exception cref="LookupTimeoutException">The name servers did not answer.</exception>
    IPAddress[] Resolve(string name);
}
