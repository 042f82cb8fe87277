using System.Net;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>The result of reading a header.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">Its length in bytes, where it is complete and valid.</param>
/// <param name="Source">The client, for <see cref="ProxyHeaderKind.Proxied"/>.</param>
/// <param name="Destination">Where the client connected to, for <see cref="ProxyHeaderKind.Proxied"/>.</param>
/// <param name="Fault">What is wrong with it, for <see cref="ProxyHeaderKind.Invalid"/>.</param>
internal readonly record struct ProxyHeader(
    ProxyHeaderKind Kind, int Length = 0, IPEndPoint? Source = null, IPEndPoint? Destination = null, string? Fault = null)
{
    public static ProxyHeader Incomplete => default;

    public static ProxyHeader Invalid(string fault) => new(ProxyHeaderKind.Invalid, Fault: fault);

    public static ProxyHeader OwnAddresses(int length) => new(ProxyHeaderKind.OwnAddresses, length);

    public static ProxyHeader Proxied(int length, IPEndPoint source, IPEndPoint destination) =>
        new(ProxyHeaderKind.Proxied, length, source, destination);
}
