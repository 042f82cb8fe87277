using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>
/// Distinguishes public addresses from all others: IANA's special-purpose registries (RFC 6890), cloud metadata services, and IPv6 forms
/// that lead to any of these. Unknown ranges are not public.
/// </summary>
internal static class SpecialAddresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network: 0.0.0.0 is this machine to Linux
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared (RFC 6598), and Alibaba's metadata
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's metadata
        IPNetwork.Parse("169.254.0.0/16"), // link-local, and everybody else's metadata
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments, and Oracle's metadata
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/3"), // multicast, reserved, broadcast
        IPNetwork.Parse("2001::/23"), // protocol assignments
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork WellKnownNat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

    /// <summary>Normalises an address: an IPv4-mapped address becomes the IPv4 address (RFC 4291 section 2.5.5.2).</summary>
    public static IPAddress Unmap(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Whether the address is public.</summary>
    public static bool IsPublic(IPAddress address)
    {
        address = Unmap(address);
        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return !IsListed(address);
        }

        return address.ScopeId == 0
            && (GetEmbedded(address) is { } embedded
                ? embedded.All(IsPublic)
                : GlobalUnicast.Contains(address) && !IsListed(address) && !HasIsatapInterface(address));
    }

    private static bool IsListed(IPAddress address) => Array.Exists(NotPublic, network => network.Contains(address));

    /// <summary>The IPv4 addresses that an IPv6 address reaches through a translator or tunnel.</summary>
    private static IPAddress[]? GetEmbedded(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (WellKnownNat64.Contains(address))
        {
            // RFC 6052 section 2.1.
            return [new IPAddress(bytes.AsSpan(12))];
        }

        if (SixToFour.Contains(address))
        {
            // RFC 3056 section 2.
            return [new IPAddress(bytes.AsSpan(2, 4))];
        }

        if (Teredo.Contains(address))
        {
            // The server, and the client with all bits inverted (RFC 4380 section 4).
            var client = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(client, ~BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(12)));
            return [new IPAddress(bytes.AsSpan(4, 4)), new IPAddress(client)];
        }

        return null;
    }

    /// <summary>An interface identifier that embeds an IPv4 address within a site (RFC 5214 section 6.1).</summary>
    private static bool HasIsatapInterface(IPAddress address) =>
        address.GetAddressBytes() is [_, _, _, _, _, _, _, _, 0x00 or 0x02, 0x00, 0x5E, 0xFE, ..];
}
