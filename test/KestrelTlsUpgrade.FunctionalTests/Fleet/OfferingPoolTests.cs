using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>A client that offers with each request and never falls back, as Apache HttpClient 5.4.1, with a pool of connections.</summary>
public sealed class OfferingPoolTests(OfferingClients clients) : IClassFixture<OfferingClients>
{
    private const int Pool = 8;
    private const int Requests = 300;

    public static TheoryData<CertificateCheck, string, TlsUpgradeOffers, CallOutcomeKind, int> Clients { get; } = new()
    {
        { CertificateCheck.Distrusting, "localhost", TlsUpgradeOffers.All, CallOutcomeKind.Clear, 1 },
        { CertificateCheck.Trusting, "127.0.0.1", TlsUpgradeOffers.All, CallOutcomeKind.Clear, 1 },
        { CertificateCheck.After, "127.0.0.1", TlsUpgradeOffers.All, CallOutcomeKind.Clear, 1 },
        { CertificateCheck.Trusting, "localhost", TlsUpgradeOffers.All, CallOutcomeKind.Upgraded, 0 },
        { CertificateCheck.After, "localhost", TlsUpgradeOffers.All, CallOutcomeKind.Upgraded, 0 },
        { CertificateCheck.Distrusting, "localhost", TlsUpgradeOffers.WhereRequired, CallOutcomeKind.Clear, 0 },
        { CertificateCheck.Distrusting, "localhost", TlsUpgradeOffers.None, CallOutcomeKind.Clear, 0 },
    };

    /// <summary>Under <c>All</c>, the first of the requests that begin at once tells whether TLS works; the others do without.</summary>
    [Theory]
    [MemberData(nameof(Clients))]
    public async Task RequestsOnEightConnections_FailOnceAtMost(
        CertificateCheck check, string host, TlsUpgradeOffers offers, CallOutcomeKind outcome, int failures)
    {
        using var files = new CertificateFiles();
        await using var server = await StartAsync(files, offers);

        // TLS works for a client once it goes on after the first answer.
        var first = await AskAsync(2 * Pool);
        Assert.True(first.Count(IsFailed) == failures, string.Join('\n', first.AsEnumerable()));
        var others = await AskAsync(Requests);
        Assert.All(others, request => Assert.Equal(outcome, request.Kind));
        Assert.Equal(failures, server.Log.Lines.Count(static line => line.Id.Name is "CallerFellBack"));

        async Task<CallOutcome[]> AskAsync(int count)
        {
            var outcomes = new List<CallOutcome>();
            for (; count > 0; count -= Pool)
            {
                outcomes.AddRange(await Task.WhenAll(Enumerable.Range(0, Pool).Select(
                    _ => clients.AskAsync(check, keeps: true, "Apache-HttpClient/5.4.1 (Java/17.0.15)", $"http://{host}:{server.Port}/status"))));
            }

            return [.. outcomes];
        }
    }

    /// <summary>It has not succeeded because it took its time before it left.</summary>
    [Fact]
    public async Task NameCheckedLateAfterTheHandshake_FailsOnce()
    {
        using var files = new CertificateFiles();
        await using var server = await StartAsync(files, TlsUpgradeOffers.All);
        var outcomes = new List<CallOutcome>();
        for (var i = 0; i < 4; i++)
        {
            outcomes.Add(await clients.AskAsync(
                CertificateCheck.LongAfter, keeps: true, "Slow/1.0", $"http://127.0.0.1:{server.Port}/status"));
        }

        Assert.Equal(
            [CallOutcomeKind.Failed, CallOutcomeKind.Clear, CallOutcomeKind.Clear, CallOutcomeKind.Clear], outcomes.Select(static outcome => outcome.Kind));
    }

    /// <summary>What the memory is for.</summary>
    [Fact]
    public async Task WithoutFallback_EachRequestFails()
    {
        using var files = new CertificateFiles();
        await using var server = await StartAsync(files, TlsUpgradeOffers.All, fallbackLifetime: "00:00:00");
        for (var i = 0; i < 8; i++)
        {
            var outcome = await clients.AskAsync(
                CertificateCheck.Distrusting, keeps: true, "Orders/1.0", $"http://localhost:{server.Port}/status");
            Assert.Equal(CallOutcomeKind.Failed, outcome.Kind);
        }
    }

    private Task<UpgradeServer> StartAsync(CertificateFiles files, TlsUpgradeOffers offers, string fallbackLifetime = "01:00:00")
    {
        var application = new FleetApplication();
        return ConfiguredServer.StartAsync(
            [
                "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                $"TlsUpgrade:Certificate:Path={files.WritePfx("server.pfx", clients.Trusted)}",
                $"TlsUpgrade:FallbackLifetime={fallbackLifetime}",
                $"TlsUpgrade:Offers={offers}",
            ],
            configure: static builder =>
            {
                builder.Services.SetServerClock(new UnhurriedClock());
                builder.Logging.SetMinimumLevel(LogLevel.Information);
            },
            app: app => application.Map(app, isUpgradable: true));
    }

    private static bool IsFailed(CallOutcome outcome) => outcome.Kind is CallOutcomeKind.Failed;
}
