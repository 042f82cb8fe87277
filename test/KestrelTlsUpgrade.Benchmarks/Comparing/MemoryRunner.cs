using KestrelTlsUpgrade.Benchmarks.Loads;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>Measures what idle connections hold, in turns.</summary>
internal sealed class MemoryRunner(ComparisonSettings settings, KeyFiles files)
{
    /// <summary>Connections that come and go first: what the first ones need is not what each one needs.</summary>
    private const int First = 32;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task<MemoryResults> RunAsync(MemoryComparison comparison)
    {
        List<MemoryMeasurement> ours = [];
        List<MemoryMeasurement> other = [];
        while (ours.Count < settings.MemoryRounds)
        {
            if (ours.Count % 2 == 0)
            {
                ours.Add(await MeasureAsync(comparison.Ours.Server, comparison.Ours.Opening));
                other.Add(await MeasureAsync(comparison.Other.Server, comparison.Other.Opening));
            }
            else
            {
                other.Add(await MeasureAsync(comparison.Other.Server, comparison.Other.Opening));
                ours.Add(await MeasureAsync(comparison.Ours.Server, comparison.Ours.Opening));
            }
        }

        return new MemoryResults(comparison.Name, settings.Idle, settings.IsQuick ? null : comparison.Goal, ours, other);
    }

    private async Task<MemoryMeasurement> MeasureAsync(ServerKind kind, Opening opening)
    {
        // A new one: what a server has in reserve after a load would hide what connections need.
        using var server = await new ServerSpec(kind).StartAsync(files);
        var target = new LoadTarget(server.EndPoint);
        await using (await OpenConnections.OpenAsync(target, opening, First))
        {
        }

        var before = await ReadAsync(server);
        await using var open = await OpenConnections.OpenAsync(target, opening, settings.Idle);
        await server.Processes.AtRestAsync(Pause);
        var resident = server.Processes.PrivateDirtyMemory;
        var held = await ReadAsync(server);
        return new MemoryMeasurement((resident - before) / (double)settings.Idle, (held - before) / (double)settings.Idle);
    }

    private static async Task<long> ReadAsync(Server server)
    {
        await server.Processes.AtRestAsync(Pause);
        await server.CollectGarbageAsync();
        await server.Processes.AtRestAsync(Pause);
        return server.Processes.PrivateDirtyMemory;
    }
}
