using System.Text.Json;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>The server as it is at a moment, by its own account.</summary>
internal sealed record ServerSample
{
    public double WorkingSetMiB { get; init; }

    public double ManagedHeapMiB { get; init; }

    public int Gen0Collections { get; init; }

    public int Gen1Collections { get; init; }

    public int Gen2Collections { get; init; }

    public double PauseSeconds { get; init; }

    /// <summary>Open file descriptors, but for those of assemblies, which the runtime loads as it goes.</summary>
    public int Handles { get; init; }

    public int Threads { get; init; }

    public long Connections { get; init; }

    public long AcceptedConnections { get; init; }

    public long BegunRequests { get; init; }

    public long FinishedRequests { get; init; }

    public int HeldRequests { get; init; }

    public static ServerSample Take(ServerActivity activity) => new()
    {
        WorkingSetMiB = Environment.WorkingSet / 1048576.0,
        ManagedHeapMiB = GC.GetTotalMemory(forceFullCollection: false) / 1048576.0,
        Gen0Collections = GC.CollectionCount(0),
        Gen1Collections = GC.CollectionCount(1),
        Gen2Collections = GC.CollectionCount(2),
        PauseSeconds = GC.GetTotalPauseDuration().TotalSeconds,
        Handles = Directory.EnumerateFiles("/proc/self/fd").Count(IsNoAssembly),
        Threads = Directory.EnumerateDirectories("/proc/self/task").Count(),
        Connections = activity.Connections,
        AcceptedConnections = activity.Accepted,
        BegunRequests = activity.Begun,
        FinishedRequests = activity.Finished,
        HeldRequests = activity.Held,
    };

    /// <summary>Leaves only what is in use, and gives the rest back to the system.</summary>
    public static void Collect()
    {
        // The second one takes what finalizers have let go of.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        Posix.Trim();
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    public static ServerSample FromJson(string json) => JsonSerializer.Deserialize<ServerSample>(json)!;

    private static bool IsNoAssembly(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true;
        }
        catch (IOException)
        {
            // Closed since.
            return false;
        }
    }
}
