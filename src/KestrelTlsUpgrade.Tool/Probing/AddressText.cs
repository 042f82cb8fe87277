using System.Net;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Addresses as people write them.</summary>
internal static class AddressText
{
    /// <summary>A socket for both families has IPv4 addresses as those of IPv6.</summary>
    public static string Of(EndPoint endPoint) => endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? $"{new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)}"
        : $"{endPoint}";
}
