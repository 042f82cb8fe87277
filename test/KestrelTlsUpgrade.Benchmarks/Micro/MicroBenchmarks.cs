using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using KestrelTlsUpgrade.Benchmarks.Comparing;
using Perfolizer.Horology;

namespace KestrelTlsUpgrade.Benchmarks.Micro;

/// <summary>Runs the micro-benchmarks: time and allocations of what is done for each connection and request.</summary>
internal static class MicroBenchmarks
{
    private static readonly Type[] All =
    [
        typeof(FirstSegmentBenchmarks),
        typeof(NegotiationBenchmarks),
        typeof(FallbackBenchmarks),
        typeof(ReplayBenchmarks),
        typeof(RequestBenchmarks),
        typeof(RefusalBenchmarks),
    ];

    /// <summary>Returns 1 where one did not run.</summary>
    public static int Run(string[] options)
    {
        var isShort = options is ["--short"];
        if (options.Length > 0 && !isShort)
        {
            throw new UsageException($"There is no option {options[0]}.");
        }

        // In this process: a project that is made elsewhere would not find the internals and the layout of the output.
        var job = Job.Default.WithToolchain(isShort ? InProcessEmitToolchain.DontLogOutput : InProcessEmitToolchain.Instance);
        if (isShort)
        {
            job = job.WithIterationTime(TimeInterval.FromMilliseconds(20)).WithWarmupCount(1).WithIterationCount(3);
        }

        var config = ManualConfig.CreateEmpty()
            .AddColumnProvider([.. DefaultConfig.Instance.GetColumnProviders()])
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddExporter(MarkdownExporter.GitHub, JsonExporter.Brief)
            .AddLogger(isShort ? NullLogger.Instance : ConsoleLogger.Default)
            .AddJob(job)
            .WithArtifactsPath(Path.Combine("artifacts", "benchmarks"));
        var summaries = All.Select(type => BenchmarkRunner.Run(type, config)).ToArray();
        foreach (var summary in summaries)
        {
            MarkdownExporter.Console.ExportToLog(summary, ConsoleLogger.Default);
        }

        return summaries.All(HasRun) ? 0 : 1;
    }

    private static bool HasRun(Summary summary) =>
        !summary.HasCriticalValidationErrors && summary.Reports.Length > 0 && summary.Reports.All(static report => report.Success);
}
