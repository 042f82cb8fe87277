using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>Resolves names to addresses.</summary>
internal interface INameResolver
{
    /// <exception cref="System.Net.Sockets.SocketException">The name cannot be resolved.</exception>
    Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken);
}
