using System.Net;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>Whose offers are accepted.</summary>
internal sealed class CallerRules
{
    private readonly IPNetwork[] _networks;
    private readonly IPNetwork[] _exceptNetworks;
    private readonly string[] _products;
    private readonly string[] _exceptProducts;

    private CallerRules(TlsUpgradeCallers callers)
    {
        _networks = [.. callers.Networks];
        _exceptNetworks = [.. callers.ExceptNetworks];
        _products = [.. callers.Products];
        _exceptProducts = [.. callers.ExceptProducts];
    }

    /// <summary>The rules, or <see langword="null"/> if everyone is admitted.</summary>
    public static CallerRules? Create(TlsUpgradeCallers callers) =>
        callers.Networks.Count + callers.ExceptNetworks.Count + callers.Products.Count + callers.ExceptProducts.Count == 0 ? null : new(callers);

    /// <param name="caller">The other end of the connection.</param>
    /// <param name="userAgent">The User-Agent field, or empty.</param>
    public bool Admits(EndPoint? caller, ReadOnlySpan<char> userAgent)
    {
        var address = (Unmap(caller) as IPEndPoint)?.Address;
        var product = Product.Find(userAgent);
        return !IsIn(_exceptNetworks, address)
            && !IsIn(_exceptProducts, product)
            && (_networks.Length == 0 || IsIn(_networks, address))
            && (_products.Length == 0 || IsIn(_products, product));
    }

    /// <summary>An IPv4 caller of a socket for both versions has an IPv6 address.</summary>
    public static EndPoint? Unmap(EndPoint? caller) =>
        caller is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : caller;

    private static bool IsIn(IPNetwork[] networks, IPAddress? address)
    {
        foreach (var network in networks)
        {
            if (address is not null && network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsIn(string[] products, ReadOnlySpan<char> product)
    {
        foreach (var known in products)
        {
            if (product.Equals(known, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
