using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Where tunnels may lead. Decides on addresses, never on what names are said to be.</summary>
internal sealed class DestinationPolicy(
    HashSet<int> allowedPorts, IReadOnlyCollection<IPNetwork> allowedNetworks, OwnAddresses ownAddresses)
{
    public bool IsPortAllowed(int port) => allowedPorts.Contains(port);

    /// <summary>Those of the addresses that may be connected to, in their order.</summary>
    public IPAddress[] Filter(IEnumerable<IPAddress> addresses, int port) =>
        [.. addresses.Select(SpecialAddresses.Unmap).Distinct().Where(address => IsAllowed(address, port))];

    /// <summary>
    /// Whether a target may be handed to the next proxy, which resolves names itself: all names but those of loopback, which would
    /// be the next proxy's own.
    /// </summary>
    public bool IsAllowedBeyond(ConnectTarget target) =>
        target.Address is { } address ? IsAllowed(SpecialAddresses.Unmap(address), target.Port)
        : !target.IsLoopbackName || IsNetworkAllowed(IPAddress.Loopback) || IsNetworkAllowed(IPAddress.IPv6Loopback);

    private bool IsAllowed(IPAddress address, int port) =>
        !ownAddresses.IsTunnel(address, port)
        && (IsNetworkAllowed(address) || (SpecialAddresses.IsPublic(address) && !ownAddresses.Contains(address)));

    private bool IsNetworkAllowed(IPAddress address) => allowedNetworks.Any(network => network.Contains(address));
}
