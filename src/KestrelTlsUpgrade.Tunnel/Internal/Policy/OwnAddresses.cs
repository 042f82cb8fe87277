using System.Collections.Concurrent;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>This machine's addresses, and the ports on which it accepts CONNECT.</summary>
internal sealed class OwnAddresses(TimeProvider timeProvider, Func<IReadOnlyCollection<IPAddress>> enumerate)
{
    /// <summary>Querying the system is slow, and its addresses rarely change.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, byte> _tunnelPorts = new();
    private volatile Known? _known;

    public OwnAddresses(TimeProvider timeProvider)
        : this(timeProvider, Enumerate)
    {
    }

    /// <summary>
    /// Records where a connection that may become a tunnel was accepted. With the PROXY protocol, its local endpoint may be that of a load
    /// balancer; its socket's endpoint is always ours.
    /// </summary>
    public void AddTunnelPorts(ConnectionContext connection)
    {
        if (connection.LocalEndPoint is IPEndPoint local)
        {
            AddTunnelPort(local.Port);
        }

        try
        {
            if (connection.Features.Get<IConnectionSocketFeature>()?.Socket.LocalEndPoint is IPEndPoint own)
            {
                AddTunnelPort(own.Port);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // The caller is gone; no tunnel opens.
        }
    }

    public void AddTunnelPort(int port) => _tunnelPorts.TryAdd(port, 0);

    /// <summary>Whether the address belongs to this machine.</summary>
    public bool Contains(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || GetKnown().Contains(address);

    /// <summary>Whether a tunnel would loop back here (RFC 9110 section 7.6).</summary>
    public bool IsTunnel(IPAddress address, int port) => _tunnelPorts.ContainsKey(port) && Contains(address);

    private HashSet<IPAddress> GetKnown()
    {
        var known = _known;
        if (known is null || timeProvider.GetElapsedTime(known.Timestamp) > Lifetime)
        {
            _known = known = new([.. enumerate().Select(SpecialAddresses.Unmap)], timeProvider.GetTimestamp());
        }

        return known.Addresses;
    }

    private static IPAddress[] Enumerate() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Select(static entry => WithoutZone(entry.Address)),
    ];

    private static IPAddress WithoutZone(IPAddress address) => new(address.GetAddressBytes());

    private sealed record Known(HashSet<IPAddress> Addresses, long Timestamp);
}
