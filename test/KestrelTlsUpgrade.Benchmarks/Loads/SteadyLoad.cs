using System.Net;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>A load on connections that stay. Opening them is not measured.</summary>
internal abstract record SteadyLoad(Opening Opening) : Load
{
    public override async Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady)
    {
        await using var open = await OpenConnections.OpenAsync(new LoadTarget(server), Opening, connections);
        onReady();
        return await RunEachAsync(connections, duration, (index, deadline) => UseAsync(open[index], deadline));
    }

    /// <summary>Uses a connection until the time is up. Returns how much it did.</summary>
    protected abstract Task<double> UseAsync(LoadConnection connection, Deadline deadline);
}
