using System.Collections.Concurrent;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>The endpoints of the server that the upgrade has looked at, whether it serves them or leaves them alone.</summary>
internal sealed class TlsUpgradeEndpoints
{
    private readonly ConcurrentBag<ListenOptions> _endpoints = [];
    private readonly ConcurrentDictionary<ListenOptions, TlsUpgradeOptions> _upgradable = [];

    /// <summary>Whether the upgrade is meant for all endpoints of the host, wherever it can be had.</summary>
    public bool CoverHost { get; set; }

    /// <summary>The endpoints that upgrade, with their settings.</summary>
    public IReadOnlyDictionary<ListenOptions, TlsUpgradeOptions> Upgradable => _upgradable;

    public void Add(ListenOptions endpoint) => _endpoints.Add(endpoint);

    public void AddUpgradable(ListenOptions endpoint, TlsUpgradeOptions options) => _upgradable[endpoint] = options;

    /// <summary>The addresses as Kestrel announces them, with the ports that were bound.</summary>
    public IReadOnlySet<string> GetAddresses() => _endpoints.Select(static endpoint => endpoint.ToString()!).ToHashSet();
}
