using System.Net;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>The order in which addresses are tried (RFC 8305 section 4).</summary>
internal static class AddressOrder
{
    /// <summary>
    /// Alternates the address families, starting with the family of the first address, so that an unreachable family costs one delay.
    /// Within a family the resolver's order is kept.
    /// </summary>
    public static IPAddress[] Interleave(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0)
        {
            return [];
        }

        var family = addresses[0].AddressFamily;
        var first = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily == family));
        var second = new Queue<IPAddress>(addresses.Where(address => address.AddressFamily != family));
        var order = new List<IPAddress>(addresses.Count);
        while (order.Count < addresses.Count)
        {
            if (first.TryDequeue(out var next))
            {
                order.Add(next);
            }

            if (second.TryDequeue(out next))
            {
                order.Add(next);
            }
        }

        return [.. order];
    }
}
