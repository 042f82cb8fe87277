using System.Collections.Concurrent;
using System.Collections.Immutable;
using KestrelTlsUpgrade.Connections.Endpoints;
using KestrelTlsUpgrade.Internal.Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Internal.Endpoints;

/// <summary>The endpoints of the server that the upgrade has looked at, whether it serves them or leaves them alone.</summary>
internal sealed class TlsUpgradeEndpoints
{
    private readonly ConcurrentDictionary<string, bool> _sections = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableArray<IUpgradeEndpoint> _upgradable = [];

    /// <summary>An endpoint that runs has other settings now, or, where none is given, there are other endpoints.</summary>
    public event Action<IUpgradeEndpoint?>? Changed;

    public HostCoverage Coverage { get; } = new();

    /// <summary>The endpoints that can upgrade.</summary>
    public IReadOnlyList<IUpgradeEndpoint> Upgradable => _upgradable;

    /// <param name="endpoint">An endpoint that the upgrade has looked at.</param>
    /// <param name="section">Its own section of the configuration.</param>
    public void Add(ListenOptions endpoint, IConfigurationSection? section)
    {
        Coverage.Add(endpoint);
        if (section is not null)
        {
            _sections[section.Path] = true;
        }
    }

    /// <summary>The certificates that are known of all endpoints, or of one that has changed.</summary>
    public IEnumerable<LoadedCertificate> FindCertificates(IUpgradeEndpoint? changed) =>
        (changed is null ? Upgradable : [changed]).SelectMany(static endpoint => endpoint.Settings?.Certificates ?? []);

    /// <summary>Whether the section is the one of an endpoint that the upgrade has looked at.</summary>
    public bool HasTaken(IConfigurationSection section) => _sections.ContainsKey(section.Path);

    /// <summary>Adds an endpoint that is about to be bound, in the place of one that Kestrel has stopped to start it anew.</summary>
    public void AddUpgradable(IUpgradeEndpoint endpoint)
    {
        var address = endpoint.Address;
        var isDynamic = address.EndsWith(":0", StringComparison.Ordinal);
        ImmutableInterlocked.Update(
            ref _upgradable,
            all => all.RemoveAll(other => !isDynamic && other.Address == address).Add(endpoint));
    }

    /// <summary>Kestrel has stopped the endpoint, as it does when its settings have changed.</summary>
    public void RemoveUpgradable(IUpgradeEndpoint endpoint) =>
        ImmutableInterlocked.Update(ref _upgradable, static (all, removed) => all.Remove(removed), endpoint);

    public void OnChanged(IUpgradeEndpoint? endpoint) => Changed?.Invoke(endpoint);
}
