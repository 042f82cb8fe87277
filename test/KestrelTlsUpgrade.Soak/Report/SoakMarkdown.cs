using System.Globalization;
using KestrelTlsUpgrade.Soak.Server;

namespace KestrelTlsUpgrade.Soak.Report;

/// <summary>The report for readers.</summary>
internal static class SoakMarkdown
{
    public static void Write(SoakReport report, TextWriter output)
    {
        Line($"{report.Platform}; {report.Minutes:F1} minutes. Client and server share the machine.");
        Line($"");
        Line($"| requests by | requests | failures | p50 ms | p99 ms | max ms |");
        Line($"|---|---|---|---|---|---|");
        foreach (var kind in report.Kinds)
        {
            Line($"| {kind.Kind} | {kind.Requests} | {kind.Failures} | {kind.P50:F1} | {kind.P99:F1} | {kind.Max:F1} |");
        }

        Line($"| all | {report.Kinds.Sum(static kind => kind.Requests)} | {report.Kinds.Sum(static kind => kind.Failures)} | | | |");
        Line($"");
        Line($"A time includes the opening of the connection where a request needed a new one; those in flight at a stop wait for it on purpose.");
        Line($"");
        Line($"The last server at the end of each stage, after a full collection of garbage; memory in MiB, its slope in MiB per hour (least");
        Line($"squares, standard error):");
        Line($"");
        Line($"| stage | s | samples | working set | slope | managed heap | slope | handles | threads | connections | GC 0/1/2 | pauses s |");
        Line($"|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var (stage, seconds, samples, workingSet, managedHeap, end) in report.Stages)
        {
            var memory = Format($"{end.WorkingSetMiB:F1} | {Show(workingSet)} | {end.ManagedHeapMiB:F1} | {Show(managedHeap)}");
            Line($"| {stage} | {seconds:F0} | {samples} | {memory} | {end.Handles} | {end.Threads} | {end.Connections} | {ShowCollections(end)} |");
        }

        Line($"");
        Line($"- {report.IdleConnections} idle upgraded connections held at once, for {report.IdleHeldSeconds:F0} s, then used; {SoakSettings.Holds} times.");
        Line($"- {report.Restarts} graceful restarts under load, the longest {report.LongestRestartSeconds:F1} s.");
        Line($"- {report.Renewals} renewals of the certificate; clients saw {report.CertificatesSeen} certificates.");
        Line($"- An old certificate was seen at most {report.LatestOldCertificateSeconds:F1} s after its renewal.");
        Line($"- {report.Sent} requests sent; the servers began {report.Begun} and finished {report.Finished}, on {report.Connections} connections.");
        Line($"- {report.Problems.Count} problems.");
        foreach (var problem in report.Problems)
        {
            Line($"  - {problem}");
        }

        void Line(FormattableString line) => output.WriteLine(Format(line));
    }

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Show(Slope? slope) => slope is null ? "" : Format($"{slope.PerHour:+0.0;-0.0;0.0} ± {slope.Error:F1}");

    private static string ShowCollections(ServerSample end) =>
        Format($"{end.Gen0Collections}/{end.Gen1Collections}/{end.Gen2Collections} | {end.PauseSeconds:F2}");
}
