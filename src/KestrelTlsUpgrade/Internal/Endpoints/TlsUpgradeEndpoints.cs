using System.Collections.Concurrent;
using System.Collections.Immutable;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>The endpoints that the upgrade has processed, upgraded or skipped.</summary>
internal sealed class TlsUpgradeEndpoints
{
    private readonly ConcurrentDictionary<string, bool> _sections = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<IUpgradeEndpoint> _upgradable = [];

    /// <summary>
    /// Raised when the settings of a running endpoint have changed, or with <see langword="null"/> when the set of endpoints has.
    /// </summary>
    public event Action<IUpgradeEndpoint?>? Changed;

    public HostCoverage Coverage { get; } = new();

    /// <summary>The endpoints that can upgrade connections.</summary>
    public IReadOnlyList<IUpgradeEndpoint> Upgradable => _upgradable;

    /// <param name="endpoint">An endpoint that the upgrade has processed.</param>
    /// <param name="section">The endpoint's own section of the configuration.</param>
    public void Add(ListenOptions endpoint, IConfigurationSection? section)
    {
        Coverage.Add(endpoint);
        if (section is not null)
        {
            _sections[section.Path] = true;
        }
    }

    /// <summary>The known certificates of all endpoints, or of one that has changed.</summary>
    public IEnumerable<LoadedCertificate> FindCertificates(IUpgradeEndpoint? changed) =>
        (changed is null ? Upgradable : [changed]).SelectMany(static endpoint => endpoint.Settings?.Certificates ?? []);

    /// <summary>Whether the section belongs to an endpoint that the upgrade has processed.</summary>
    public bool HasExamined(IConfigurationSection section) => _sections.ContainsKey(section.Path);

    /// <summary>Adds an endpoint before it is bound. Replaces the endpoint with the same address that Kestrel has restarted.</summary>
    public void AddUpgradable(IUpgradeEndpoint endpoint)
    {
        var address = endpoint.Address;
        var isDynamic = address.EndsWith(":0", StringComparison.Ordinal);
        ImmutableInterlocked.Update(
            ref _upgradable,
            all => all.RemoveAll(other => !isDynamic && other.Address == address).Add(endpoint));
    }

    /// <summary>Removes an endpoint that Kestrel has stopped, for example because its settings changed.</summary>
    public void RemoveUpgradable(IUpgradeEndpoint endpoint) =>
        ImmutableInterlocked.Update(ref _upgradable, static (all, removed) => all.Remove(removed), endpoint);

    public void OnChanged(IUpgradeEndpoint? endpoint) => Changed?.Invoke(endpoint);
}
