using System.Text;
using System.Text.Json.Nodes;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Fleet;

/// <summary>A service moves from clear text to TLS, step by step and back, while its callers work.</summary>
public sealed class FleetTests(OfferingClients clients, ITestOutputHelper output) : IClassFixture<OfferingClients>, IDisposable
{
    private readonly CertificateFiles _files = new();
    private readonly PushedSettings _settings = new();
    private readonly FleetApplication _application = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Steps_ThereAndBack_NoCallerFailsThatWorked()
    {
        await using var fleet = await Fleet.StartAsync(clients);
        FleetRequest[] without;
        await using (var server = await UpgradeServer.StartAsync(isUpgradable: false, app: app => _application.Map(app, isUpgradable: false)))
        {
            fleet.Port = server.Port;
            without = await ServeWithoutAsync(fleet);
        }

        await using (var server = await StartAsync())
        await using (var relay = new RecordingRelay(server.EndPoint))
        {
            fleet.Port = relay.Port;
            await using var load = new FleetLoad(fleet.Callers) { Moment = FleetMoment.At(FleetStep.LookOn) };
            await load.ServeAsync();
            foreach (var (before, step) in FleetStep.InOrder.Zip(FleetStep.InOrder[1..]))
            {
                await WriteReportAsync(server, before);
                await TakeAsync(step, load, server);
                await load.ServeAsync();
            }

            FleetRequest[] there = [.. load.Ended];
            foreach (var step in FleetStep.InOrder[..^1].Reverse())
            {
                await TakeAsync(step, load, server);
                await load.ServeAsync();
            }

            await load.DisposeAsync();
            FleetRequest[] thereAndBack = [.. load.Ended];
            Assert.Contains(thereAndBack, static request => request.Step is null);
            AssertNothingHasFailed(without, thereAndBack);
            AssertRequirementsAreMet(thereAndBack);
            AssertSwitchesAreBare(relay);
            await AssertReportsWereRightAsync(fleet, there);
            await AssertTableAsync(fleet, without, thereAndBack);
            output.WriteLine($"{thereAndBack.Length} requests.");
            foreach (var line in server.Log.Lines.Where(static line => line.Category.StartsWith("KestrelTlsUpgrade", StringComparison.Ordinal))
                .DistinctBy(static line => line.Id.Name))
            {
                output.WriteLine($"{line.Level}: {line.Message}");
            }
        }
    }

    /// <summary>
    /// What fails without the product may fail, what requires TLS is not for those who have none, and each caller for whom TLS fails has one
    /// request that shows it.
    /// </summary>
    private static void AssertNothingHasFailed(FleetRequest[] without, IEnumerable<FleetRequest> with)
    {
        var worked = without.Where(static request => request.Outcome.Kind is not CallOutcomeKind.Failed)
            .Select(static request => (request.Caller, request.Path)).ToHashSet();
        var lost = with.Where(request => worked.Contains((request.Caller, request.Path)) && request.Outcome.Kind switch
        {
            CallOutcomeKind.Refused => !request.Steps.Any(step => step.Requires(request.Path)),
            CallOutcomeKind.Failed => !(request.Caller.FailsOverTls && request.Steps.Any(step => step.Requires(request.Path))),
            _ => false,
        }).ToLookup(static request => request.Caller);
        foreach (var caller in with.Select(static request => request.Caller).Distinct())
        {
            var first = caller.FailsOverTls ? 1 : 0;
            Assert.True(lost[caller].Count() == first, $"{caller}: {lost[caller].Count()} lost, {first} expected.\n{string.Join('\n', lost[caller])}");
            Assert.All(lost[caller], static request => Assert.Contains(FleetStep.All, request.Steps));
        }
    }

    private static void AssertRequirementsAreMet(IEnumerable<FleetRequest> requests) => Assert.All(
        requests.Where(static request => request.Step?.Requires(request.Path) is true && request.Path != Fleet.NoPath),
        static request => Assert.True(request.Outcome.Kind is not CallOutcomeKind.Clear, request.ToString()));

    /// <summary>Nothing that the application adds goes with a 101, which is in clear text. Date and Server are Kestrel's.</summary>
    private static void AssertSwitchesAreBare(RecordingRelay relay)
    {
        var heads = relay.FindHeads("HTTP/1.1 101 ");
        Assert.Contains(heads, static head => head.Contains("\r\nDate: ", StringComparison.Ordinal));
        Assert.Contains(heads, static head => !head.Contains("\r\nDate: ", StringComparison.Ordinal));
        foreach (var head in heads)
        {
            var lines = head.Split("\r\n");
            Assert.Equal("HTTP/1.1 101 Switching Protocols", lines[0]);
            var fields = lines[1..].Where(static line => line != "Server: Kestrel" && !line.StartsWith("Date: ", StringComparison.Ordinal)).Order();
            Assert.Collection(
                fields,
                static field => Assert.Equal("Connection: Upgrade", field),
                static field => Assert.Matches(@"^Upgrade: TLS/1\.[0-3], HTTP/1\.1$", field));
        }
    }

    /// <summary>Keeps what the report says before the step that follows.</summary>
    private async Task WriteReportAsync(UpgradeServer server, FleetStep step)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { { "User-Agent", "Owner/1.0" } } };
        await File.WriteAllTextAsync(GetReportPath(step), await client.GetStringAsync($"http://127.0.0.1:{server.Port}/tls"));
    }

    private string GetReportPath(FleetStep step) => _files.GetPath($"report-{Array.IndexOf(FleetStep.InOrder, step) + 1}.json");

    /// <summary>
    /// What the reports said of the step after each, and what the callers then met: each is in the other, or no report can know it.
    /// </summary>
    private async Task AssertReportsWereRightAsync(Fleet fleet, FleetRequest[] requests)
    {
        foreach (var (before, step) in FleetStep.InOrder.Zip(FleetStep.InOrder[1..]))
        {
            var report = JsonNode.Parse(await File.ReadAllTextAsync(GetReportPath(before)))!;
            output.WriteLine($"Report of {before}:");
            foreach (var advice in report["advice"]!.AsArray())
            {
                output.WriteLine($"{advice!["setting"]} {advice["value"]}: {advice["summary"]}");
            }

            var predicted = Prediction.Read(report);
            var happened = Prediction.Find(before: null, step, requests);
            Assert.Contains(predicted, prediction => happened.Any(prediction.Agrees));
            foreach (var prediction in predicted.Where(prediction => !happened.Any(prediction.Agrees)))
            {
                output.WriteLine($"{step}, predicted and not met: {prediction}");
                var callers = fleet.Callers.Where(caller => caller.Product == prediction.Product && caller.Paths[0].Length > 0).ToArray();
                Assert.True(
                    prediction.Outcome switch
                    {
                        // It upgrades instead.
                        CallOutcomeKind.Refused => callers.Any(static caller => caller.UpgradesOnDemand),

                        // It has not seen the certificate until then.
                        CallOutcomeKind.Upgraded when step == FleetStep.All =>
                            callers.Length > 0 && callers.All(static caller => caller.FailsOverTls),

                        // The application gives its name when it has been upgraded.
                        CallOutcomeKind.Upgraded => prediction.Product == Fleet.OwnProduct,
                        _ => false,
                    },
                    $"{step}, predicted and not met: {prediction}");
            }

            foreach (var meeting in Prediction.Find(before, step, requests).Where(meeting => !predicted.Any(meeting.Agrees)).Distinct())
            {
                output.WriteLine($"{step}, met and not predicted: {meeting}");
                var callers = fleet.Callers.Where(caller => caller.Product == meeting.Product).ToArray();
                Assert.True(
                    meeting.Outcome switch
                    {
                        CallOutcomeKind.Upgraded =>
                            callers.Any(static caller => caller.UpgradesOnDemand) || callers.All(static caller => caller.OffersUnnamed),
                        CallOutcomeKind.Failed => step == FleetStep.All && callers.All(static caller => caller.FailsOverTls),
                        _ => false,
                    },
                    $"{step}, met and not predicted: {meeting}");
            }
        }
    }

    private static async Task AssertTableAsync(Fleet fleet, FleetRequest[] without, FleetRequest[] with)
    {
        var table = new StringBuilder();
        foreach (var caller in fleet.Callers)
        {
            foreach (var path in caller.Paths)
            {
                table.Append($"| {caller} | {(path.Length == 0 ? "" : $"`{path}`")} | {Describe(without)} |");
                foreach (var step in FleetStep.InOrder)
                {
                    var cell = step == FleetStep.All && caller.OffersAlways
                        ? DescribeTrial()
                        : Describe(with.Where(request => request.Steps.SequenceEqual([step])));
                    table.Append($" {cell} |");
                }

                table.Append('\n');

                // The request that shows whether TLS works may be on any connection, and may have come while the step was taken. As long as it
                // is under way, others are answered in clear text.
                string DescribeTrial()
                {
                    CallOutcomeKind[] kinds =
                    [
                        .. with.Where(request => request.Caller == caller && request.Path == path && request.Steps.Contains(FleetStep.All)
                                && !request.Steps.Any(step => step.Requires(path)))
                            .Select(static request => request.Outcome.Kind).Distinct().Order(),
                    ];
                    return kinds is [CallOutcomeKind.Clear, CallOutcomeKind.Failed] ? "fails once, then clear"
                        : kinds is [CallOutcomeKind.Clear, CallOutcomeKind.Upgraded] ? "upgraded"
                        : Describe(with.Where(static request => request.Steps.SequenceEqual([FleetStep.All])));
                }

                string Describe(IEnumerable<FleetRequest> requests) => FleetTests.Describe(requests.Where(
                    request => request.Caller == caller && request.Path == path && !request.IsKept).Select(static request => request.Outcome.Kind));
            }
        }

        var document = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Fleet", "Migration.md"));
        Assert.True(document.Contains(table.ToString(), StringComparison.Ordinal), $"The table has changed:\n{table}");
    }

    private static string Describe(IEnumerable<CallOutcomeKind> outcomes) => string.Join(
        ", ", outcomes.Distinct().Order().Select(static kind => kind is CallOutcomeKind.Failed ? "fails" : kind.ToString().ToLowerInvariant()));

    private async Task<FleetRequest[]> ServeWithoutAsync(Fleet fleet)
    {
        await using var load = new FleetLoad(fleet.Callers);
        await load.ServeAsync();
        await HoldAsync(load, static () => Task.CompletedTask);
        await load.DisposeAsync();
        return [.. load.Ended];
    }

    /// <summary>Takes a step while requests are in hand, and more come.</summary>
    private Task TakeAsync(FleetStep step, FleetLoad load, UpgradeServer server) => HoldAsync(load, async () =>
    {
        var before = load.Moment.To!;
        var reloads = CountReloads();
        load.Moment = new(before, step);
        _application.RequiresTlsEverywhere = step.IsEverywhere;
        _settings.Push("TlsUpgrade:Requirement", step.Requirement.ToString());
        _settings.Push("TlsUpgrade:Offers", step.Offers.ToString());
        if ((before.Requirement, before.Offers) != (step.Requirement, step.Offers))
        {
            await Settling.UntilAsync(() => CountReloads() > reloads, step.ToString);
        }

        load.Moment = FleetMoment.At(step);

        int CountReloads() => server.Log.Lines.Count(static line => line.Id.Name is "SettingsReloaded");
    });

    /// <summary>Does something while requests are in hand, one of each caller that can have more than one.</summary>
    private async Task HoldAsync(FleetLoad load, Func<Task> change)
    {
        Task[] held =
        [
            .. load.Callers.Where(static caller => caller.KeepsConnections)
                .Select(caller => load.AskAsync(caller, FleetApplication.HeldPath, keeps: true)),
        ];
        await Settling.UntilAsync(
            () => held.Count(static request => request.IsCompleted) + _application.Held >= held.Length, () => $"{_application.Held} held");
        await change();
        _application.Release();
        await Task.WhenAll(held);
    }

    private Task<UpgradeServer> StartAsync() => UpgradeServer.StartAsync(
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(
            [
                new("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"),
                new("TlsUpgrade:Certificate:Path", _files.WritePfx("server.pfx", clients.Trusted)),
                new("TlsUpgrade:FallbackLifetime", "01:00:00"),
                new("TlsUpgrade:Offers", FleetStep.LookOn.Offers.ToString()),
                new("TlsUpgrade:Requirement", FleetStep.LookOn.Requirement.ToString()),
            ]);
            ((IConfigurationBuilder)builder.Configuration).Add(_settings);
            builder.Logging.SetMinimumLevel(LogLevel.Information);
            builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel.Configure(context.Configuration.GetSection("Kestrel")));
            builder.Services.SetServerClock(new UnhurriedClock());
            builder.WebHost.UseTlsUpgrade();
            builder.Services.AddTlsUpgradeReport();
        },
        app =>
        {
            _application.Map(app, isUpgradable: true);
            app.MapTlsUpgradeReport("/tls");
        },
        "Development");
}
