using System.Collections.Immutable;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>The running servers in the process that have <c>AddTlsUpgrade()</c>. Their endpoints are compared with each other.</summary>
internal sealed class ServersInProcess
{
    private ImmutableArray<RunningServer> _servers = [];

    /// <summary>Raised when a server has started, or its endpoints have changed.</summary>
    public event Action? Changed;

    public static ServersInProcess Shared { get; } = new();

    public IReadOnlyList<RunningServer> All => _servers;

    public void Add(RunningServer server)
    {
        ImmutableInterlocked.Update(ref _servers, static (all, added) => all.Add(added), server);
        OnChanged();
    }

    public void Remove(RunningServer server) =>
        ImmutableInterlocked.Update(ref _servers, static (all, removed) => all.Remove(removed), server);

    public void OnChanged() => Changed?.Invoke();
}
