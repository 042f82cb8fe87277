using System.Net;
using KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>Decides where tunnels may lead. Checks addresses, never what a name claims to be.</summary>
/// <param name="options">The allowed ports and networks, read once.</param>
/// <param name="ownAddresses">The addresses of this machine.</param>
/// <param name="ownListeners">The sockets on which this process listens.</param>
internal sealed class DestinationPolicy(ConnectTunnelOptions options, OwnAddresses ownAddresses, OwnListeners ownListeners)
{
    private readonly HashSet<int> _allowedPorts = [.. options.AllowedPorts];
    private readonly HashSet<int> _allowedOwnPorts = [.. options.AllowedOwnPorts];
    private readonly IPNetwork[] _allowedNetworks = [.. options.AllowedNetworks];

    public bool IsPortAllowed(int port) => _allowedPorts.Contains(port);

    /// <summary>The addresses that tunnels may connect to, in their original order.</summary>
    public IPAddress[] Filter(IEnumerable<IPAddress> addresses, int port) =>
        [.. addresses.Select(SpecialAddresses.Unmap).Distinct().Where(address => IsAllowed(address, port))];

    /// <summary>
    /// Whether a target may be passed to the next proxy, which resolves names itself. All names are allowed except loopback names, which
    /// would mean the next proxy's own machine.
    /// </summary>
    public bool IsAllowedBeyond(ConnectTarget target) =>
        target.Address is { } address ? IsAllowed(SpecialAddresses.Unmap(address), target.Port)
        : !target.IsLoopbackName || IsLoopbackAllowed(target.Port);

    /// <summary>The next proxy resolves the name, so its addresses are not known here.</summary>
    private bool IsLoopbackAllowed(int port)
    {
        IPAddress[] loopback = [.. new[] { IPAddress.Loopback, IPAddress.IPv6Loopback }.Where(IsNetworkAllowed)];
        return loopback.Length > 0 && Array.TrueForAll(loopback, address => IsAllowed(address, port));
    }

    private bool IsAllowed(IPAddress address, int port) =>
        !ownAddresses.IsTunnel(address, port)
        && (IsNetworkAllowed(address)
            ? _allowedOwnPorts.Contains(port) || !ownListeners.IsHere(address, port)
            : SpecialAddresses.IsPublic(address) && !ownAddresses.Contains(address));

    private bool IsNetworkAllowed(IPAddress address) => _allowedNetworks.Any(network => network.Contains(address));
}
