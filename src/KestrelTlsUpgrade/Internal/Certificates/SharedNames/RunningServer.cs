using KestrelTlsUpgrade.Connections.Endpoints;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>A server that has started, with its endpoints.</summary>
internal sealed class RunningServer(IServer server, KestrelServerOptions options, TlsUpgradeEndpoints endpoints)
{
    /// <summary>Upgrade endpoints that the network reaches.</summary>
    public IEnumerable<IUpgradeEndpoint> Upgradable => endpoints.Upgradable.Where(static endpoint =>
        endpoint.Settings is { Options.Enabled: true } && HttpsProbe.IsOnNetwork(endpoint.Address));

    /// <summary>Addresses of https that the network reaches.</summary>
    public IEnumerable<string> HttpsAddresses => server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(static address =>
        address.StartsWith("https://", StringComparison.Ordinal) && HttpsProbe.IsOnNetwork(address)) ?? [];

    /// <summary>The server names that https endpoints of the configuration have certificates for. Each is asked for at all of them.</summary>
    public IEnumerable<string> ServerNames => EndpointSection.GetAll(options)
        .SelectMany(static endpoint => endpoint.GetSection(SniSection.Key).GetChildren())
        .Select(static entry => entry.Key);

    /// <summary>Whether only a load balancer can talk to the endpoint.</summary>
    public bool IsBehindProxy(string address) => OutermostPlace.IsTaken(options, address);
}
