using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// Detects destinations in this process. A request through a tunnel comes from this machine, so it would bypass a proxy or firewall that
/// protects the process's ports.
/// </summary>
/// <param name="ownAddresses">This machine's addresses.</param>
/// <param name="sources">Sources that know where the process listens.</param>
internal sealed class OwnListeners(OwnAddresses ownAddresses, IReadOnlyCollection<IListeningSockets> sources)
{
    /// <summary>Checked for every tunnel, because ports can be opened at any time.</summary>
    public bool IsHere(IPAddress address, int port) =>
        ownAddresses.Contains(address) && sources.Any(source => source.Find(port).Any(bound => Covers(bound, address)));

    /// <summary>As a destination, systems treat an unspecified address as this machine.</summary>
    private static bool Covers(IPAddress bound, IPAddress address) =>
        IsUnspecified(bound) || IsUnspecified(address) || SpecialAddresses.Unmap(bound).Equals(address);

    private static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
