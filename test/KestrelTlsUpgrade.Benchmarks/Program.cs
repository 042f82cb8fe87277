using System.Globalization;
using KestrelTlsUpgrade.Benchmarks.Comparing;
using KestrelTlsUpgrade.Benchmarks.Micro;
using KestrelTlsUpgrade.Benchmarks.Servers;
using KestrelTlsUpgrade.Benchmarks.Tunnels;

try
{
    return args switch
    {
        ["serve", var kind, var setting, var certificate, var key] =>
            await BenchmarkServer.RunAsync(Enum.Parse<ServerKind>(kind), Enum.Parse<ServerSetting>(setting), certificate, key),
        ["compare", .. var options] => await Comparison.RunAsync(ComparisonSettings.Parse(options)),
        ["micro", .. var options] => MicroBenchmarks.Run(options),
        ["serve-tunnel", var port, .. var origins] => await TunnelServer.RunAsync(Parse(port), origins.Select(Parse)),
        ["tunnels", .. var options] => await TunnelComparison.RunAsync(ComparisonSettings.Parse(options)),
        _ => throw new UsageException("What is to be measured?"),
    };
}
catch (UsageException exception)
{
    Console.Error.WriteLine($"""
        {exception.Message}

        compare [options]   servers and clients, with and without the upgrade and against others
        tunnels [options]   proxies
        micro [--short]     time and allocations of the parts that each connection and request meets

          --only TEXT           what has this in its name
          --rounds N            turns of each side (9)
          --starts N            times that servers are started anew (3)
          --seconds S           the length of a turn (1.5)
          --warm-up S           the time before the first turn, for each side (8: .NET compiles what runs often once more meanwhile)
          --connections N,...   connections at a time (1,16,64,256 where it tells how cost grows, else 16)
          --idle N              idle connections to measure memory with (5000)
          --json FILE           the results as JSON, beside the Markdown
          --quick               whether all runs and comes out within wide bounds; else it ends in failure
        """);
    return 2;
}

static int Parse(string number) => int.Parse(number, CultureInfo.InvariantCulture);
