using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Connections.Sections;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>A running server and its endpoints.</summary>
internal sealed class RunningServer(IServer server, KestrelServerOptions options, TlsUpgradeEndpoints endpoints)
{
    /// <summary>The upgrade endpoints that are reachable over the network.</summary>
    public IEnumerable<IUpgradeEndpoint> Upgradable => endpoints.Upgradable.Where(static endpoint =>
        endpoint.Settings is { Options.Enabled: true } && HttpsProbe.IsOnNetwork(endpoint.Address));

    /// <summary>The https addresses that are reachable over the network.</summary>
    public IEnumerable<string> HttpsAddresses => server.Features.Get<IServerAddressesFeature>()?.Addresses.Where(static address =>
        address.StartsWith("https://", StringComparison.Ordinal) && HttpsProbe.IsOnNetwork(address)) ?? [];

    /// <summary>The server names for which configured https endpoints have certificates. All https endpoints are probed for each.</summary>
    public IEnumerable<string> ServerNames => EndpointSections.GetAll(options)
        .SelectMany(static endpoint => endpoint.GetSection(SniSection.Key).GetChildren())
        .Select(static entry => entry.Key);

    /// <summary>Whether only a load balancer can connect to the endpoint.</summary>
    public bool IsBehindProxy(string address) => OutermostPlace.IsTaken(options, address);
}
