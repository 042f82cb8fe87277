using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using KestrelTlsUpgrade.Benchmarks.Comparing;
using KestrelTlsUpgrade.Benchmarks.Servers;

namespace KestrelTlsUpgrade.Benchmarks.Tunnels;

/// <summary>Compares proxies in one run and in turns. Client and origin share the machine with them.</summary>
internal static class TunnelComparison
{
    private const int IdleTunnels = 500;
    private const int ManyIdleTunnels = 5000;
    private const int StuckTunnels = 200;

    private static readonly (string Name, TunnelLoad Load, int Tunnels)[] Loads =
    [
        ("tunnels opened /s, 16 at a time", TunnelLoad.Open, 16),
        ("bulk to the client, 1 tunnel", TunnelLoad.Download, 1),
        ("bulk to the client, 32 tunnels", TunnelLoad.Download, 32),
        ("bulk to the origin, 1 tunnel", TunnelLoad.Upload, 1),
        ("bulk to the origin, 32 tunnels", TunnelLoad.Upload, 32),
    ];

    public static async Task<int> RunAsync(ComparisonSettings settings)
    {
        Print($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores; "
            + $"{settings.Rounds} rounds of {settings.Seconds} s in turns. Median (lowest to highest).");
        Print("");
        Print("| load | proxy | per second | ours : it | processor time | ours : it |");
        Print("|---|---|---|---|---|---|");
        using var waiting = new TunnelOrigin(isSending: false);
        using var sending = new TunnelOrigin(isSending: true);
        var proxies = new List<(TunnelProxyKind Kind, ListeningProcess Process)>();
        try
        {
            foreach (var kind in Enum.GetValues<TunnelProxyKind>())
            {
                proxies.Add((kind, await TunnelProxies.StartAsync(kind, [waiting.Port, sending.Port])));
            }

            foreach (var (name, load, tunnels) in Loads.Where(load => load.Name.Contains(settings.Only, StringComparison.Ordinal)))
            {
                var rounds = proxies.Select(static _ => new List<(double PerSecond, double Processor)>()).ToArray();

                // The first round warms all up and does not count. Who goes first changes.
                for (var round = 0; round <= settings.Rounds; round++)
                {
                    for (var turn = 0; turn < proxies.Count; turn++)
                    {
                        var index = (turn + round) % proxies.Count;
                        var measured = await MeasureAsync(
                            proxies[index].Process, (load is TunnelLoad.Download ? sending : waiting).Port, load, tunnels, settings.Seconds);
                        if (round > 0)
                        {
                            rounds[index].Add(measured);
                        }
                    }
                }

                for (var index = 0; index < proxies.Count; index++)
                {
                    PrintRow(name, proxies[index].Kind, load is not TunnelLoad.Open, rounds[index], rounds[0]);
                }
            }

            Print("");
            Print("| memory for each tunnel | tunnels | proxy | KiB |");
            Print("|---|---|---|---|");
            foreach (var (kind, _) in proxies)
            {
                await PrintMemoryAsync(isIdle: true, IdleTunnels, kind, waiting, sending);
            }

            // The others are not set up for so many.
            await PrintMemoryAsync(isIdle: true, ManyIdleTunnels, TunnelProxyKind.Ours, waiting, sending);
            foreach (var (kind, _) in proxies)
            {
                await PrintMemoryAsync(isIdle: false, StuckTunnels, kind, waiting, sending);
            }
        }
        finally
        {
            proxies.ForEach(static proxy => proxy.Process.Dispose());
        }

        return 0;
    }

    private static async Task<(double PerSecond, double Processor)> MeasureAsync(
        ListeningProcess proxy, int originPort, TunnelLoad load, int tunnels, double seconds)
    {
        using var timeUp = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var processor = proxy.Processes.ProcessorTime;
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, tunnels).Select(_ => Task.Run(() =>
        {
            var client = new TunnelClient(proxy.EndPoint, originPort);
            return client.RunAsync(load, timeUp.Token);
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var amount = counts.Sum() / (load is TunnelLoad.Open ? 1 : 1e9);
        return (amount / elapsed.TotalSeconds, (proxy.Processes.ProcessorTime - processor).TotalSeconds / amount);
    }

    private static async Task PrintMemoryAsync(bool isIdle, int count, TunnelProxyKind kind, TunnelOrigin waiting, TunnelOrigin sending)
    {
        // A new one: what a proxy has in reserve after a load would hide what tunnels need.
        using var proxy = await TunnelProxies.StartAsync(kind, [waiting.Port, sending.Port]);
        var open = new List<IDisposable> { await new TunnelClient(proxy.EndPoint, waiting.Port).OpenAsync() };
        try
        {
            await proxy.Processes.AtRestAsync(TimeSpan.FromSeconds(1));
            var before = proxy.Processes.Memory;
            for (var i = 0; i < count; i++)
            {
                open.Add(isIdle
                    ? await new TunnelClient(proxy.EndPoint, waiting.Port).OpenAsync()
                    : new TunnelClient(proxy.EndPoint, sending.Port).Open());
            }

            await proxy.Processes.AtRestAsync(TimeSpan.FromSeconds(1));
            var memory = (proxy.Processes.Memory - before) / 1024.0 / count;
            Print(string.Create(CultureInfo.InvariantCulture, $"| {(isIdle ? "idle" : "the origin sends, the client does not read")} | {count} | {kind} | {memory:F1} |"));
        }
        finally
        {
            open.ForEach(static connection => connection.Dispose());
        }
    }

    private static void PrintRow(
        string name, TunnelProxyKind kind, bool isBulk, List<(double PerSecond, double Processor)> its, List<(double PerSecond, double Processor)> ours)
    {
        var (perSecond, processor) = (Median(its.Select(static round => round.PerSecond)), Median(its.Select(static round => round.Processor)));
        var (speed, cost) = (
            ours.Zip(its, static (a, b) => a.PerSecond / b.PerSecond).Order().ToArray(),
            ours.Zip(its, static (a, b) => a.Processor / b.Processor).Order().ToArray());
        var (amount, time) = isBulk
            ? (string.Create(CultureInfo.InvariantCulture, $"{perSecond:F2} GB"), string.Create(CultureInfo.InvariantCulture, $"{processor:F2} s/GB"))
            : (string.Create(CultureInfo.InvariantCulture, $"{perSecond:F0}"), string.Create(CultureInfo.InvariantCulture, $"{processor * 1e6:F0} µs"));
        Print($"| {name} | {kind} | {amount} | {Spread(speed)} | {time} | {Spread(cost)} |");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static string Spread(double[] sorted) => string.Create(
        CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]:F2} ({sorted[0]:F2} to {sorted[^1]:F2})");

    private static void Print(string line) => Console.WriteLine(line);
}
