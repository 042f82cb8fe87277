using System.Net;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Formats addresses for users.</summary>
internal static class AddressText
{
    /// <summary>A dual-stack socket reports IPv4 addresses as IPv4-mapped IPv6 addresses.</summary>
    public static string Of(EndPoint endPoint) => endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped
        ? $"{new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port)}"
        : $"{endPoint}";
}
