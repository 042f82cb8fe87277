using System.Runtime;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Faults.Tests.Accounts;

/// <summary>What the process has open, and the exceptions that nobody has seen.</summary>
internal sealed class ProcessAccounts : IDisposable
{
    private readonly UnobservedExceptions _unobserved = new();
    private int _handles;
    private long _timers;

    /// <summary>From here on there are no more of anything: all that is made once has been made.</summary>
    public void Begin()
    {
        _unobserved.Clear();
        (_handles, _timers) = (CountHandles(), Timer.ActiveCount);
    }

    /// <summary>Waits until there are as many handles and timers as in the beginning.</summary>
    public async Task SettledAsync()
    {
        // Finalizers would close what nobody has disposed of.
        var isHeld = GC.TryStartNoGCRegion(128 * 1024 * 1024, disallowFullBlockingGC: true);
        try
        {
            await Settling.UntilAsync(() => CountHandles() <= _handles, () => $"{CountHandles()} handles, where there were {_handles}");
        }
        finally
        {
            if (isHeld && GCSettings.LatencyMode is GCLatencyMode.NoGCRegion)
            {
                GC.EndNoGCRegion();
            }
        }

        await Settling.UntilAsync(() => Timer.ActiveCount <= _timers, () => $"{Timer.ActiveCount} timers, where there were {_timers}");
        var unobserved = _unobserved.Find();
        Assert.True(unobserved.Count == 0, string.Join("\n", unobserved));
    }

    public void Dispose() => _unobserved.Dispose();

    /// <summary>Of sockets, pipes and the like. Files are those of assemblies, which come as they are needed.</summary>
    private static int CountHandles() => OperatingSystem.IsLinux()
        ? Directory.GetFileSystemEntries("/proc/self/fd").Count(handle => new FileInfo(handle).LinkTarget?.Contains(":[") is true)
        : 0;
}
