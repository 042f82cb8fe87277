using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace KestrelTlsUpgrade.Benchmarks;

/// <summary>Compares loads in one run and in turns, so that what the machine does meanwhile meets all of them.</summary>
internal static class Comparison
{
    private static readonly (string Name, (ServerKind Server, Load Load) Ours, (ServerKind Server, Load Load) Other)[] Pairs =
    [
        ("plaintext requests: with : without", (ServerKind.Upgradable, Load.KeepAlive), (ServerKind.Plaintext, Load.KeepAlive)),
        ("new plaintext connections: with : without", (ServerKind.Upgradable, Load.NewPlaintext), (ServerKind.Plaintext, Load.NewPlaintext)),
        ("direct TLS : UseHttps", (ServerKind.Upgradable, Load.NewTls), (ServerKind.Https, Load.NewTls)),
        ("upgrade on first request : UseHttps", (ServerKind.Upgradable, Load.UpgradeFirst), (ServerKind.Https, Load.NewTls)),
        ("upgrade on first request : direct TLS", (ServerKind.Upgradable, Load.UpgradeFirst), (ServerKind.Upgradable, Load.NewTls)),
        ("upgrade on second request : UseHttps", (ServerKind.Upgradable, Load.UpgradeLater), (ServerKind.Https, Load.NewTls)),
        ("HttpClient, requests: upgraded : https", (ServerKind.Upgradable, Load.HttpClientUpgraded), (ServerKind.Upgradable, Load.HttpClientHttps)),
        ("HttpClient, new connections: upgraded : https", (ServerKind.Upgradable, Load.HttpClientNewUpgraded), (ServerKind.Upgradable, Load.HttpClientNewHttps)),
    ];

    public static async Task<int> RunAsync(ComparisonSettings settings)
    {
        Print($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores; "
            + $"{settings.Rounds} rounds of {settings.Seconds} s in turns, ECDSA P-256, TLS 1.3 without resumption. Median (lowest to highest).");
        Print("");
        Print("| ours : other | connections | ours /s | other /s | throughput | server CPU per operation |");
        Print("|---|---|---|---|---|---|");
        using var upgradable = await ServerProcess.StartAsync(ServerKind.Upgradable);
        using var plaintext = await ServerProcess.StartAsync(ServerKind.Plaintext);
        using var https = await ServerProcess.StartAsync(ServerKind.Https);
        ServerProcess[] servers = [upgradable, plaintext, https];
        foreach (var connections in settings.Connections)
        {
            foreach (var (name, ours, other) in Pairs.Where(pair => pair.Name.Contains(settings.Only, StringComparison.Ordinal)))
            {
                await CompareAsync(name, ours, other);
            }

            async Task CompareAsync(string name, (ServerKind Server, Load Load) ours, (ServerKind Server, Load Load) other)
            {
                List<Measurement> ourRounds = [];
                List<Measurement> otherRounds = [];

                // The first round warms both up and does not count. Who goes first alternates.
                for (var round = 0; round <= settings.Rounds; round++)
                {
                    var turns = new[] { (ours, Rounds: ourRounds), (other, Rounds: otherRounds) };
                    foreach (var (what, rounds) in round % 2 == 0 ? turns : turns.Reverse())
                    {
                        var measurement = await MeasureAsync(servers[(int)what.Server], what.Load, connections, settings.Seconds);
                        if (round > 0)
                        {
                            rounds.Add(measurement);
                        }
                    }
                }

                var throughput = ourRounds.Zip(otherRounds, (a, b) => a.PerSecond / b.PerSecond).Order().ToArray();
                var processor = ourRounds.Zip(otherRounds, (a, b) => a.ProcessorPerOperation / b.ProcessorPerOperation).Order().ToArray();
                Print(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {connections} | {Median(ourRounds):F0} | {Median(otherRounds):F0} | {Spread(throughput)} | {Spread(processor)} |"));
            }
        }

        return 0;
    }

    private static async Task<Measurement> MeasureAsync(ServerProcess server, Load load, int connections, double seconds)
    {
        using var timeUp = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var processor = server.ProcessorTime;
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(
            _ => Task.Run(() => new LoadClient(server.EndPoint).RunAsync(load, timeUp.Token))));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var count = counts.Sum();
        return new Measurement(count / elapsed.TotalSeconds, (server.ProcessorTime - processor).TotalSeconds / count);
    }

    private static double Median(List<Measurement> rounds) => rounds.Select(round => round.PerSecond).Order().ElementAt(rounds.Count / 2);

    private static string Spread(double[] sorted) => string.Create(
        CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2]:F3} ({sorted[0]:F3} to {sorted[^1]:F3})");

    private static void Print(string line) => Console.WriteLine(line);

    private readonly record struct Measurement(double PerSecond, double ProcessorPerOperation);
}
