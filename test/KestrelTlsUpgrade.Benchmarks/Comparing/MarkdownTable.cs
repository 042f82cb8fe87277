using System.Globalization;

namespace KestrelTlsUpgrade.Benchmarks.Comparing;

/// <summary>Prints results as they come.</summary>
internal static class MarkdownTable
{
    public static void WriteHead(ComparisonReport report)
    {
        var settings = report.Settings;
        Write($"{report.Runtime}, {report.System}, {report.Cores} cores; {settings.Rounds} rounds of {settings.Seconds} s in turns, ");
        Write($"{settings.Starts} starts, TLS 1.3, ECDSA P-256 where nothing else is said. Median (lowest to highest).\n\n");
    }

    public static void WriteLoadHead()
    {
        Write($"| ours : other | connections | round trips | ours /s | other /s | throughput | CPU s for 1,000 | CPU | peak MB | goal |\n");
        Write($"|---|---|---|---|---|---|---|---|---|---|\n");
    }

    public static void Write(LoadResults results)
    {
        var (ours, other) = (results.Ours, results.Other);
        Write($"| {results.Name} | {results.Connections} | {Format(results.OurRoundTrips, results.OtherRoundTrips)} ");
        Write($"| {Speed(ours):N0} {Unit(results)} | {Speed(other):N0} {Unit(results)} | {results.Throughput} ");
        Write($"| {results.MedianProcessor(ours):F3} : {results.MedianProcessor(other):F3}{(results.IsOfClients ? " (client)" : "")} ");
        Write($"| {Format(results.Processor)} | {Peak(ours):F0} : {Peak(other):F0} | {Format(results.Goal, results.IsGoalMet)} |\n");
    }

    public static void WriteMemoryHead()
    {
        Write($"\n| memory of idle connections, ours : other | connections | ours KiB | other KiB | ratio | with garbage | goal |\n");
        Write($"|---|---|---|---|---|---|---|\n");
    }

    public static void Write(MemoryResults results)
    {
        Write($"| {results.Name} | {results.Connections} | {Held(results.Ours):F1} | {Held(results.Other):F1} ");
        Write($"| {Format(results.Held)} | {Format(results.Resident)} | {Format(results.Goal, results.IsGoalMet)} |\n");
    }

    public static void WriteEnd(ComparisonReport report)
    {
        foreach (var line in report.Skipped)
        {
            Write($"\nSkipped: {line}\n");
        }

        foreach (var line in report.Failed)
        {
            Write($"\nFailed: {line}\n");
        }
    }

    private static string Unit(LoadResults results) => results.Unit is "MB" ? "MB" : "";

    private static double Speed(IReadOnlyList<Measurement> turns) => Ratio.MedianOf(turns.Select(static turn => turn.PerSecond));

    private static double Peak(IReadOnlyList<Measurement> turns) => turns.Max(static turn => turn.PeakMemory) / 1e6;

    private static double Held(IReadOnlyList<MemoryMeasurement> turns) => Ratio.MedianOf(turns.Select(static turn => turn.Held)) / 1024;

    private static string Format(int ours, int other) => ours == 0 ? "" : ours == other ? $"{ours}" : $"{ours} : {other}";

    private static string Format(Ratio? ratio) => ratio?.ToString() ?? "too little to tell";

    private static string Format(Goal? goal, bool? isMet) => goal is null ? "" : $"{goal}: {(isMet is true ? "met" : "missed")}";

    private static void Write(FormattableString text) => Console.Write(text.ToString(CultureInfo.InvariantCulture));
}
