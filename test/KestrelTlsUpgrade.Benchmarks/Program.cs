using KestrelTlsUpgrade.Benchmarks;

return args switch
{
    ["serve", var kind] => await BenchmarkServer.RunAsync(Enum.Parse<ServerKind>(kind)),
    ["compare", .. var options] => await Comparison.RunAsync(ComparisonSettings.Parse(options)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("compare [--rounds N] [--seconds S] [--connections N,N,...] [--only TEXT]   prints Markdown");
    return 2;
}
