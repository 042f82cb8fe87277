using System.Net;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal;

/// <summary>The addresses whose header is trusted, copied from the options.</summary>
internal sealed class TrustedSources(ProxyProtocolOptions options)
{
    private readonly HashSet<IPAddress> _addresses = [.. options.KnownProxies.Select(Unmap)];
    private readonly IPNetwork[] _networks = [.. options.KnownIPNetworks];

    public bool IsEmpty => _addresses.Count == 0 && _networks.Length == 0;

    public bool Contains(EndPoint? endPoint) => endPoint is IPEndPoint { Address: var address } && Contains(address);

    private bool Contains(IPAddress address)
    {
        // A dual-mode socket reports IPv4 addresses as mapped IPv6 ones. Both forms must match.
        var unmapped = Unmap(address);
        return _addresses.Contains(unmapped)
            || Array.Exists(_networks, network => network.Contains(unmapped) || network.Contains(address));
    }

    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
