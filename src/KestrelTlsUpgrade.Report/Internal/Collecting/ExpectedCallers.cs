using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.Internal.Negotiation;

namespace KestrelTlsUpgrade.Report.Internal.Collecting;

/// <summary>The callers that the operator expects in clear text: probes and monitors.</summary>
internal sealed class ExpectedCallers(IEnumerable<string> products, IEnumerable<IPNetwork> networks)
{
    private readonly string[] _products = [.. products];

    /// <summary>An IPv4 caller of a socket for both versions has an IPv6 address, so each IPv4 network is in here twice.</summary>
    private readonly IPNetwork[] _networks =
        [.. networks, .. networks.Where(static network => network.BaseAddress.AddressFamily is AddressFamily.InterNetwork).Select(Map)];

    public static ExpectedCallers None { get; } = new([], []);

    /// <param name="product">What the client calls itself, with its version.</param>
    /// <param name="address">Where it calls from.</param>
    public bool Contains(ReadOnlySpan<char> product, IPAddress? address) =>
        (_products.Length > 0 && IsExpected(Product.Find(product))) || (_networks.Length > 0 && address is not null && IsExpected(address));

    private bool IsExpected(ReadOnlySpan<char> product)
    {
        foreach (var expected in _products)
        {
            if (product.Equals(expected, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsExpected(IPAddress address)
    {
        foreach (var network in _networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static IPNetwork Map(IPNetwork network) => new(network.BaseAddress.MapToIPv6(), network.PrefixLength + 96);
}
