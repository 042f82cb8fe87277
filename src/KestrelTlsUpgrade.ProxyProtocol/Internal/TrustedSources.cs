using System.Net;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal;

/// <summary>Whose header is believed. Options that are changed later change nothing here.</summary>
internal sealed class TrustedSources(ProxyProtocolOptions options)
{
    private readonly HashSet<IPAddress> _addresses = [.. options.KnownProxies.Select(Unmap)];
    private readonly IPNetwork[] _networks = [.. options.KnownIPNetworks];

    public bool IsEmpty => _addresses.Count == 0 && _networks.Length == 0;

    public bool Contains(EndPoint? endPoint) => endPoint is IPEndPoint { Address: var address } && Contains(address);

    private bool Contains(IPAddress address)
    {
        // A socket that takes both versions of IP sees IPv4 addresses mapped. What they are not must not matter.
        var unmapped = Unmap(address);
        return _addresses.Contains(unmapped)
            || Array.Exists(_networks, network => network.Contains(unmapped) || network.Contains(address));
    }

    private static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
