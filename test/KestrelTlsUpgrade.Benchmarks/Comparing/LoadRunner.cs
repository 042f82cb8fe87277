using System.Diagnostics;
using KestrelTlsUpgrade.Benchmarks.Loads;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>Measures both sides of a comparison in turns, so that what the machine does meanwhile meets both of them.</summary>
internal sealed class LoadRunner(ComparisonSettings settings, KeyFiles files)
{
    /// <summary>How long a server has to do nothing before the next turn.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<LoadResults> RunAsync(LoadComparison comparison, int connections)
    {
        List<Measurement> ours = [];
        List<Measurement> other = [];
        for (var start = 0; start < settings.Starts; start++)
        {
            // Servers are new for every comparison, so that both are of the same age and neither has anything of another load.
            using var ourServer = await comparison.Ours.Server.StartAsync(files);
            using var otherServer = await comparison.Other.Server.StartAsync(files);
            await WarmUpAsync(ourServer, comparison.Ours.Load, connections);
            await WarmUpAsync(otherServer, comparison.Other.Load, connections);
            var end = (start + 1) * settings.Rounds / settings.Starts;
            while (ours.Count < end)
            {
                // Who goes first alternates: A B B A.
                if (ours.Count % 2 == 0)
                {
                    ours.Add(await MeasureAsync(ourServer, comparison.Ours.Load, connections, settings.Seconds));
                    other.Add(await MeasureAsync(otherServer, comparison.Other.Load, connections, settings.Seconds));
                }
                else
                {
                    other.Add(await MeasureAsync(otherServer, comparison.Other.Load, connections, settings.Seconds));
                    ours.Add(await MeasureAsync(ourServer, comparison.Ours.Load, connections, settings.Seconds));
                }
            }
        }

        return new LoadResults(
            comparison.Name,
            connections,
            comparison.Ours.Load.Unit,
            comparison.Ours.Load.RoundTrips,
            comparison.Other.Load.RoundTrips,
            comparison.IsOfClients,
            settings.IsQuick ? null : comparison.Goal,
            comparison.Bound,
            ours,
            other);
    }

    /// <summary>
    /// In many short turns, each with new connections: .NET compiles the ways of a connection anew after it has seen some dozens, and
    /// that is not to fall into what is measured.
    /// </summary>
    private async Task WarmUpAsync(Server server, Load load, int connections)
    {
        var turn = TimeSpan.FromSeconds(Math.Min(0.25, settings.WarmUp));
        var start = Stopwatch.GetTimestamp();
        do
        {
            await load.RunAsync(server.EndPoint, connections, turn, static () => { });
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < settings.WarmUp);
    }

    private static async Task<Measurement> MeasureAsync(Server server, Load load, int connections, double seconds)
    {
        var processes = server.Processes;
        await processes.AtRestAsync(Pause);
        processes.ResetPeakMemory();
        var (serverBefore, clientBefore) = (TimeSpan.Zero, TimeSpan.Zero);
        var result = await load.RunAsync(server.EndPoint, connections, TimeSpan.FromSeconds(seconds), () =>
        {
            serverBefore = processes.ProcessorTime;
            clientBefore = Environment.CpuUsage.TotalTime;
        });
        var client = Environment.CpuUsage.TotalTime - clientBefore;

        // Connections that end are work, too.
        await processes.AtRestAsync(Pause);
        var thousands = result.Count / 1000;
        return new Measurement(
            result.Count / result.Elapsed.TotalSeconds,
            (processes.ProcessorTime - serverBefore).TotalSeconds / thousands,
            client.TotalSeconds / thousands,
            processes.PeakMemory);
    }
}
