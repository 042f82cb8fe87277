using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// Whether a destination is this process itself. A request that comes through a tunnel comes from this machine: it would get past
/// what a proxy in front, or a firewall, keeps away from the process's ports.
/// </summary>
/// <param name="ownAddresses">The addresses of this machine.</param>
/// <param name="sources">Those who know where the process listens.</param>
internal sealed class OwnListeners(OwnAddresses ownAddresses, IReadOnlyCollection<IListeningSockets> sources)
{
    /// <summary>Asked for each tunnel, as ports may be opened at any time.</summary>
    public bool IsHere(IPAddress address, int port) =>
        ownAddresses.Contains(address) && sources.Any(source => source.Find(port).Any(bound => Covers(bound, address)));

    /// <summary>Systems take an unspecified address for themselves, as destination too.</summary>
    private static bool Covers(IPAddress bound, IPAddress address) =>
        IsUnspecified(bound) || IsUnspecified(address) || SpecialAddresses.Unmap(bound).Equals(address);

    private static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
