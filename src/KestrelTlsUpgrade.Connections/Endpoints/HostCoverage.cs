using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Connections.Endpoints;

/// <summary>Which endpoints a package has looked at, whether it serves them or leaves them alone.</summary>
internal sealed class HostCoverage
{
    /// <summary>Weak, as Kestrel lets go of endpoints when their settings change.</summary>
    private readonly ConditionalWeakTable<ListenOptions, object?> _endpoints = [];

    /// <summary>Whether all endpoints of the host are meant, wherever it can be had.</summary>
    public bool IsWholeHost { get; set; }

    public void Add(ListenOptions endpoint) => _endpoints.AddOrUpdate(endpoint, null);

    /// <summary>Those of the plaintext addresses, as Kestrel announces them with the ports that were bound, that were missed.</summary>
    public string[] FindMissed(IEnumerable<string> addresses)
    {
        var covered = _endpoints.Select(static pair => pair.Key.ToString()).ToHashSet();
        return [.. addresses.Where(address => address.StartsWith("http://", StringComparison.Ordinal) && !covered.Contains(address))];
    }
}
