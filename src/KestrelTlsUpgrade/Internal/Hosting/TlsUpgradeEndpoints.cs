using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>The endpoints of the server that the upgrade has looked at, whether it serves them or leaves them alone.</summary>
internal sealed class TlsUpgradeEndpoints
{
    private readonly ConcurrentBag<ListenOptions> _endpoints = [];
    private readonly ConcurrentDictionary<string, bool> _sections = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<IUpgradeEndpoint> _upgradable = [];

    /// <summary>An endpoint that runs has other settings now.</summary>
    public event Action<IUpgradeEndpoint>? Reloaded;

    /// <summary>Whether the upgrade is meant for all endpoints of the host, wherever it can be had.</summary>
    public bool CoverHost { get; set; }

    /// <summary>The endpoints that can upgrade.</summary>
    public IReadOnlyList<IUpgradeEndpoint> Upgradable => _upgradable;

    /// <param name="endpoint">An endpoint that the upgrade has looked at.</param>
    /// <param name="section">Its own section of the configuration.</param>
    public void Add(ListenOptions endpoint, IConfigurationSection? section)
    {
        _endpoints.Add(endpoint);
        if (section is not null)
        {
            _sections[section.Path] = true;
        }
    }

    /// <summary>Whether the section is the one of an endpoint that the upgrade has looked at.</summary>
    public bool HasTaken(IConfigurationSection section) => _sections.ContainsKey(section.Path);

    public void AddUpgradable(IUpgradeEndpoint endpoint) =>
        ImmutableInterlocked.Update(ref _upgradable, static (all, added) => all.Add(added), endpoint);

    /// <summary>Kestrel has stopped the endpoint, as it does when its settings have changed.</summary>
    public void RemoveUpgradable(IUpgradeEndpoint endpoint) =>
        ImmutableInterlocked.Update(ref _upgradable, static (all, removed) => all.Remove(removed), endpoint);

    public void OnReloaded(IUpgradeEndpoint endpoint) => Reloaded?.Invoke(endpoint);

    /// <summary>The addresses as Kestrel announces them, with the ports that were bound.</summary>
    public IReadOnlySet<string> GetAddresses() => _endpoints.Select(static endpoint => endpoint.ToString()!).ToHashSet();
}
