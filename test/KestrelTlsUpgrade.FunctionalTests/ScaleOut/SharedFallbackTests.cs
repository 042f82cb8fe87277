using System.Diagnostics;
using KestrelTlsUpgrade.FunctionalTests.Fleet;
using KestrelTlsUpgrade.FunctionalTests.Samples;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.ScaleOut;

/// <summary>Three instances behind HAProxy, which share in Redis which callers TLS has failed for, and go on without it.</summary>
public sealed class SharedFallbackTests(OfferingClients clients, ITestOutputHelper output) : IClassFixture<OfferingClients>
{
    private static readonly string[] Names = ["one", "two", "three"];

    private readonly List<(TimeSpan Duration, string Product, CallOutcome Outcome)> _asked = [];

    [Fact]
    public async Task CallersForWhomTlsFails_FailOnceForAllInstances_AndNobodyFailsWhenTheCacheDies()
    {
        Array.ForEach(["haproxy", "redis-server"], Peers.Require);
        using var files = new CertificateFiles();
        var certificate = files.WritePfx("server.pfx", clients.Trusted);
        await using var redis = await PeerProcess.StartRedisAsync();
        var starting = Names.Select(name => StartInstanceAsync(name, certificate, redis.Port)).ToArray();
        await using var one = await starting[0];
        await using var two = await starting[1];
        await using var three = await starting[2];
        await using var haproxy = await HaproxyProcess.StartAsync([one.EndPoints[0], two.EndPoints[0], three.EndPoints[0]]);

        // A program that has just been started may be slow to reach the cache, and declines offers for a while.
        Assert.DoesNotContain(await AskAllAsync(CertificateCheck.Trusting, "Billing", "localhost", CallOutcomeKind.Upgraded), IsFailed);

        // By name and not trusted, and by address: one request of each shows it to all instances.
        Assert.Single(await AskAllAsync(CertificateCheck.Distrusting, "Orders", "localhost", CallOutcomeKind.Clear), IsFailed);
        Assert.Single(await AskAllAsync(CertificateCheck.Trusting, "Stock", "127.0.0.1", CallOutcomeKind.Clear), IsFailed);

        // A cache that does not answer holds nobody up, neither those whom it was asked about nor new ones.
        await redis.SuspendAsync();
        await AssertNobodyFailsAsync("Suspended");

        // Nor does one that is gone.
        await redis.DisposeAsync();
        await AssertNobodyFailsAsync("Killed");
        Assert.Contains(new[] { one, two, three }, static instance => instance.Lines.Any(
            static line => line.Contains("does not answer", StringComparison.Ordinal)));
        output.WriteLine($"{2 * _asked.Count} requests. The slowest pairs, of which the first also waits for the clients to start:");
        foreach (var (duration, product, outcome) in _asked.OrderByDescending(static pair => pair.Duration).Take(5))
        {
            output.WriteLine($"{duration.TotalMilliseconds:F0} ms: {product}, {outcome.Details}");
        }


        async Task AssertNobodyFailsAsync(string newcomer)
        {
            Assert.DoesNotContain(await AskAllAsync(CertificateCheck.Distrusting, "Orders", "localhost", CallOutcomeKind.Clear), IsFailed);
            Assert.DoesNotContain(await AskAllAsync(CertificateCheck.Trusting, "Billing", "localhost", CallOutcomeKind.Upgraded), IsFailed);
            Assert.DoesNotContain(await AskAllAsync(CertificateCheck.Distrusting, newcomer, "localhost", CallOutcomeKind.Clear), IsFailed);
        }

        // Twice on new connections, which shows that TLS works, until each instance has given the answer twice.
        async Task<List<CallOutcome>> AskAllAsync(CertificateCheck check, string product, string host, CallOutcomeKind kind)
        {
            var outcomes = new List<CallOutcome>();
            var patience = Stopwatch.StartNew();
            while (Names.Any(name => outcomes.Count(outcome => IsBy(name, outcome)) < 2))
            {
                Assert.True(patience.Elapsed < RawConnection.Patience, string.Join('\n', outcomes));
                var begun = Stopwatch.GetTimestamp();
                outcomes.Add(await clients.AskTwiceAsync(check, $"{product}/1.0", $"http://{host}:{haproxy.EndPoint.Port}/"));
                _asked.Add((Stopwatch.GetElapsedTime(begun), product, outcomes[^1]));
            }

            return outcomes;

            bool IsBy(string name, CallOutcome outcome) =>
                outcome.Kind == kind && outcome.Details.Contains($"{name}: ", StringComparison.Ordinal);
        }
    }

    private static bool IsFailed(CallOutcome outcome) => outcome.Kind is CallOutcomeKind.Failed;

    private static Task<SampleProcess> StartInstanceAsync(string name, string certificate, int redis) => SampleProcess.StartAsync(
        "ScaleOut",
        "--urls=http://127.0.0.1:0",
        $"--Instance={name}",
        $"--Kestrel:Certificates:Default:Path={certificate}",
        $"--Redis=127.0.0.1:{redis},abortConnect=false");
}
