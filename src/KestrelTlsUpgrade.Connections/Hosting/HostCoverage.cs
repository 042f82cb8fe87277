using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>The endpoints that a package has seen, whether it serves them or skips them.</summary>
internal sealed class HostCoverage
{
    /// <summary>With the reason for skipping them. Weak, because Kestrel drops endpoints when their settings change.</summary>
    private readonly ConditionalWeakTable<ListenOptions, string?> _endpoints = [];

    /// <summary>Whether the package was added to the whole host, so that it skips endpoints that it cannot serve.</summary>
    public bool IsWholeHost { get; set; }

    public void Add(ListenOptions endpoint) => _endpoints.TryAdd(endpoint, null);

    /// <summary>Records an endpoint that the package does not serve.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">The reason, as a clause.</param>
    public void Skip(ListenOptions endpoint, string reason) => _endpoints.AddOrUpdate(endpoint, reason);

    /// <summary>Finds the addresses, as Kestrel announces them with the bound ports, whose endpoints were missed.</summary>
    public string[] FindMissed(IEnumerable<string> addresses)
    {
        var covered = _endpoints.Select(static pair => pair.Key.ToString()).ToHashSet();
        return [.. addresses.Where(address => !covered.Contains(address))];
    }

    /// <summary>The skipped endpoints, with the reasons, if the package serves none.</summary>
    public IReadOnlyList<KeyValuePair<ListenOptions, string>> FindSkippedIfAll() => _endpoints.All(static pair => pair.Value is not null)
        ? [.. _endpoints.Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!))]
        : [];
}
