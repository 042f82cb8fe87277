using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The system's resolver, which also sorts the addresses by RFC 6724.</summary>
internal sealed class SystemNameResolver : INameResolver
{
    public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) =>
        Dns.GetHostAddressesAsync(name, cancellationToken);
}
