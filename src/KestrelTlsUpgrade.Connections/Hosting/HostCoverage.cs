using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>The endpoints that a package has seen, whether it serves them or skips them.</summary>
internal sealed class HostCoverage
{
    /// <summary>Weak, because Kestrel drops endpoints when their settings change.</summary>
    private readonly ConditionalWeakTable<ListenOptions, object?> _endpoints = [];

    /// <summary>Whether the package was added to the whole host, so that it skips endpoints that it cannot serve.</summary>
    public bool IsWholeHost { get; set; }

    public void Add(ListenOptions endpoint) => _endpoints.AddOrUpdate(endpoint, null);

    /// <summary>Finds the addresses, as Kestrel announces them with the bound ports, whose endpoints were missed.</summary>
    public string[] FindMissed(IEnumerable<string> addresses)
    {
        var covered = _endpoints.Select(static pair => pair.Key.ToString()).ToHashSet();
        return [.. addresses.Where(address => !covered.Contains(address))];
    }
}
