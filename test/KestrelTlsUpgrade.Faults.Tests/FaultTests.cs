using System.Collections.Concurrent;
using System.Diagnostics;
using KestrelTlsUpgrade.Faults.Tests.Accounts;
using KestrelTlsUpgrade.Faults.Tests.Exchanges;
using KestrelTlsUpgrade.Faults.Tests.Link;

namespace KestrelTlsUpgrade.Faults.Tests;

/// <summary>
/// Every exchange with every fault at every byte, or at some, as <see cref="FaultPlan.Every"/> says: no wrong answer, no hang, and
/// nothing is left.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int AtOnce = 24;

    /// <summary>A timeout may be over before there is a fault.</summary>
    private const int AttemptsInHaste = 5;

    /// <summary>Those that wait for a timeout cost next to nothing meanwhile.</summary>
    private static readonly int WaitingAtOnce = FaultPlan.Every == 1 ? 250 : 150;

    /// <summary>All of them, or those whose names begin as FAULTS_IN says: a full run takes long.</summary>
    public static TheoryData<string> Exchanges => new(AllExchanges.ByName.Keys.Where(name =>
        name.StartsWith(Environment.GetEnvironmentVariable("FAULTS_IN") ?? "", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task Exchange_FaultAtEachByte_EndsCleanly(string name)
    {
        using var process = new ProcessAccounts();
        var clock = Stopwatch.StartNew();
        await using var patient = AllExchanges.ByName[name](false);
        await using var hasty = AllExchanges.ByName[name](true);
        await patient.StartAsync();
        await hasty.StartAsync();
        var plan = FaultPlan.For(await RecordAsync(patient, hasty))
            .Where(fault => fault.Kind is not FaultKind.Insert || patient.OutlivesInsertions)
            .ToLookup(fault => fault.NeedsTimeout);
        process.Begin();

        var runs = new ConcurrentQueue<(Fault Fault, FaultRun Run)>();
        var failures = new ConcurrentQueue<(Fault Fault, Exception Exception)>();
        await Task.WhenAll(
            RunAsync(patient, plan[false], AtOnce, runs, failures),
            RunAsync(hasty, plan[true], WaitingAtOnce, runs, failures));
        output.WriteLine($"{runs.Count} runs in {clock.Elapsed.TotalSeconds:F1} s.");
        foreach (var kind in runs.GroupBy(run => run.Fault.Kind).OrderBy(kind => kind.Key))
        {
            output.WriteLine(
                $"{kind.Key}: {kind.Count()} runs, {kind.Count(run => run.Run.HasStruck)} had the fault, {kind.Count(run => run.Run.HasSucceeded)} succeeded"
                + (kind.Key is FaultKind.Reorder ? $", {kind.Count(run => run.Run.HasReordered)} out of order." : "."));
        }

        Assert.True(failures.IsEmpty, $"{failures.Count} of {runs.Count} runs:\n{Describe(failures)}");
        await patient.SettledAsync();
        await hasty.SettledAsync();
        await process.SettledAsync();
    }

    /// <summary>What goes over the wire when nothing goes wrong. All that is made once has been made after that.</summary>
    private static async Task<IReadOnlyList<(byte[] ToServer, byte[] ToClient)>> RecordAsync(Exchange patient, Exchange hasty)
    {
        await EventLoop.TurnAsync(1);
        await new FaultRun(hasty, null).RunAsync();
        await Parallel.ForAsync(0, AtOnce, async (_, _) => await new FaultRun(patient, null).RunAsync());
        var recorded = new FaultRun(patient, null);
        await recorded.RunAsync();
        await patient.SettledAsync();
        await hasty.SettledAsync();
        return recorded.Sent;
    }

    /// <summary>One failure in full, and as many others as tell what they have in common.</summary>
    private static string Describe(IEnumerable<(Fault Fault, Exception Exception)> failures) => string.Join(
        "\n",
        failures.Take(20).Select(failure => $"{failure.Fault}: {failure.Exception.Message}").Append($"{failures.FirstOrDefault().Exception}"));

    private static Task RunAsync(
        Exchange exchange,
        IEnumerable<Fault> faults,
        int atOnce,
        ConcurrentQueue<(Fault Fault, FaultRun Run)> runs,
        ConcurrentQueue<(Fault Fault, Exception Exception)> failures) =>
        Parallel.ForEachAsync(faults, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (fault, _) =>
        {
            FaultRun run;
            var attempts = 0;
            do
            {
                run = new FaultRun(exchange, fault);
                try
                {
                    await run.RunAsync();
                }
                catch (Exception exception)
                {
                    failures.Enqueue((fault, exception));
                    break;
                }
            }
            while (exchange.IsHasty && !run.HasStruck && !run.HasSucceeded && ++attempts < AttemptsInHaste);

            runs.Enqueue((fault, run));
        });
}
