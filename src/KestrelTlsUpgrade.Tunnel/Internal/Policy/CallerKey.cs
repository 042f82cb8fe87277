using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// A caller as limits count it: an IPv4 address, or the /64 network of an IPv6 address, because an IPv6 caller has a whole network of
/// addresses (RFC 6177 section 2). Callers without an address count as one.
/// </summary>
/// <param name="Address">The address, with the rest of an IPv6 address zero.</param>
internal readonly record struct CallerKey(IPAddress Address)
{
    private const int NetworkPrefix = 8;

    public static CallerKey Of(EndPoint? caller)
    {
        var address = caller is IPEndPoint endPoint ? SpecialAddresses.Unmap(endPoint.Address) : IPAddress.None;
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return new(address);
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkPrefix).Clear();
        return new(new IPAddress(bytes));
    }
}
