using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Internal.Policy;

/// <summary>The addresses that the host's own server announces. Dynamic ports are known once it has started.</summary>
internal sealed class ServerAddresses(IServiceProvider services) : IListeningSockets
{
    public IReadOnlyCollection<IPAddress> Find(int port) =>
    [
        .. (services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            .Select(static address => BindingAddress.Parse(address))
            .Where(address => !address.IsUnixPipe && !address.IsNamedPipe && address.Port == port)
            .SelectMany(static address => ToAddresses(address.Host)),
    ];

    private static IPAddress[] ToAddresses(string host) =>
        IPAddress.TryParse(host, out var address) ? [address]
        : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : [IPAddress.IPv6Any];
}
