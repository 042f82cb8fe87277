using System.Collections.Immutable;

namespace KestrelTlsUpgrade.Internal.Certificates.SharedNames;

/// <summary>
/// The running servers whose endpoints are compared with each other: those of the process that have <c>AddTlsUpgrade()</c>. A server is in
/// here from its start to its stop.
/// </summary>
internal sealed class ServersInProcess
{
    private ImmutableArray<RunningServer> _servers = [];

    /// <summary>A server has started, or its endpoints have changed.</summary>
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
