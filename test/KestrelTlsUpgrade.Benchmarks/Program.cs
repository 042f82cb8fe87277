using System.Globalization;
using KestrelTlsUpgrade.Benchmarks;
using KestrelTlsUpgrade.Benchmarks.Tunnels;

return args switch
{
    ["serve", var kind] => await BenchmarkServer.RunAsync(Enum.Parse<ServerKind>(kind)),
    ["compare", .. var options] => await Comparison.RunAsync(ComparisonSettings.Parse(options)),
    ["serve-tunnel", var port, .. var origins] => await TunnelServer.RunAsync(Parse(port), origins.Select(Parse)),
    ["tunnels", .. var options] => await TunnelComparison.RunAsync(ComparisonSettings.Parse(options)),
    _ => Usage(),
};

static int Parse(string number) => int.Parse(number, CultureInfo.InvariantCulture);

static int Usage()
{
    Console.Error.WriteLine("compare|tunnels [--rounds N] [--seconds S] [--connections N,N,...] [--only TEXT]   prints Markdown");
    return 2;
}
