using System.Net.Security;
using System.Text.Json;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>The figures of the report, after requests and connections of every kind.</summary>
public sealed class ReportFiguresTests
{
    [Fact]
    public async Task Figures_AreThoseOfWhatHasBeen()
    {
        await using var server = await ReportServer.StartAsync(upgrade: options => options.DirectTls = DirectTlsMode.Any);
        await SpeakPlaintextAsync(server);
        await UpgradeAsync(server);
        await UpgradeLaterAsync(server);
        await SpeakTlsAsync(server);
        await BeRefusedAsync(server);
        await FailAsync(server);
        await (await server.ConnectAsync()).DisposeAsync();
        await ReportServer.UntilAsync(server, static report => report.Hour.Connections.All == 7);

        using var json = await GetJsonAsync(server);
        foreach (var period in new[] { "hour", "day" })
        {
            var figures = json.RootElement.GetProperty(period);
            Assert.Equal("""{"plaintext":5,"upgraded":3,"directTls":2}""", Flatten(figures.GetProperty("requests")));
            Assert.Equal(
                """{"silent":1,"plaintext":1,"upgraded":2,"directTls":1,"refused":1,"failed":1}""",
                Flatten(figures.GetProperty("connections")));
            Assert.Equal("""{"307":0,"403":0,"421":0,"426":1}""", Flatten(figures.GetProperty("refusals")));
            Assert.Equal(
                ["h2_offered 1", "plaintext_after_101 1"],
                figures.GetProperty("failures").EnumerateArray().Select(static failure => $"{failure.GetProperty("cause")} {failure.GetProperty("count")}").Order());
        }

        Assert.Equal(
            [
                "confused/1 127.0.0.0/24 plaintext=0 upgraded=0 failed=1 offers=True",
                "curl/8 127.0.0.0/24 plaintext=4 upgraded=0 failed=0 offers=False",
                "direct/1 127.0.0.0/24 plaintext=0 upgraded=0 failed=0 offers=False",
                "later/1 127.0.0.0/24 plaintext=1 upgraded=1 failed=0 offers=True",
                "relay/1 127.0.0.0/24 plaintext=0 upgraded=0 failed=1 offers=True",
                "upgrader/1 127.0.0.0/24 plaintext=0 upgraded=1 failed=0 offers=True",
            ],
            json.RootElement.GetProperty("callers").GetProperty("all").EnumerateArray().Select(static caller =>
                $"{caller.GetProperty("product")} {caller.GetProperty("network")} plaintext={caller.GetProperty("plaintext")} upgraded={caller.GetProperty("upgraded")} "
                + $"failed={caller.GetProperty("failedUpgrades")} offers={caller.GetProperty("offersUpgrade")}").Order());

        var endpoint = Assert.Single(json.RootElement.GetProperty("endpoints").EnumerateArray());
        Assert.Equal(server.Addresses[0], endpoint.GetProperty("address").GetString());
        Assert.Equal("Any", endpoint.GetProperty("settings").GetProperty("DirectTls").GetString());
        Assert.Equal("CN=localhost", Assert.Single(endpoint.GetProperty("certificates").EnumerateArray()).GetProperty("subject").GetString());
    }

    [Theory]
    [InlineData("json")]
    [InlineData("html")]
    public async Task RequestsForTheReport_AreLeftOut(string format)
    {
        await using var server = await ReportServer.StartAsync();
        await using (var connection = await server.ConnectAsync())
        {
            for (var i = 0; i < 3; i++)
            {
                await connection.SendAsync(Get($"/tls?format={format}", "watcher/1"));
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }

            await connection.UpgradeAsync(Request(target: $"/tls?format={format}", fields: "User-Agent: watcher/1\r\n"));
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        await ReportServer.UntilAsync(server, static report => report.Hour.Connections.All == 1);
        var report = ReportServer.Read(server);
        Assert.Equal(0, report.Hour.Requests.All);
        Assert.Empty(report.Callers.All);
    }

    [Fact]
    public async Task WithoutAReport_NothingIsCollected()
    {
        await using var server = await UpgradeServer.StartAsync(services: static services => services.AddTlsUpgradeReport());
        await SpeakPlaintextAsync(server);
        Assert.False(server.Services.GetRequiredService<TlsUpgradeObservers>().WatchesRequests);
        var report = ReportServer.Read(server);
        Assert.Equal((0, 0), (report.Day.Requests.All, report.Day.Connections.All));
        Assert.Empty(server.Services.GetRequiredService<ReportCollector>().Callers.All);
    }

    [Fact]
    public async Task ManyUserAgents_TakeNoMoreThanTheirPlaces()
    {
        await using var server = await ReportServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        for (var i = 0; i < 3 * CallerTable.Capacity; i++)
        {
            await connection.SendAsync(Get("/x", $"{i}-{new string('u', 2000)}"));
            await connection.ReadResponseAsync();
        }

        var callers = ReportServer.Read(server).Callers;
        Assert.Equal((256, 512, 256), (callers.Capacity, callers.Displaced, callers.All.Count));
        Assert.All(callers.All, static caller => Assert.Equal(48, caller.Product.Length));
    }

    private static string Get(string target, string userAgent) => $"GET {target} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {userAgent}\r\n\r\n";

    /// <summary>Four requests of one connection, one of them for what requires TLS.</summary>
    private static async Task SpeakPlaintextAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        foreach (var target in new[] { "/x", "/nowhere", "/secret", "/x" })
        {
            await connection.SendAsync(Get(target, "curl/8 (a comment)"));
            await connection.ReadResponseAsync();
        }
    }

    private static async Task UpgradeAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request(fields: "User-Agent: upgrader/1\r\n"));
        await connection.ReadResponseAsync();
        await connection.SendAsync(Get("/x", "upgrader/1"));
        await connection.ReadResponseAsync();
    }

    private static async Task UpgradeLaterAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get("/x", "later/1"));
        await connection.ReadResponseAsync();
        await connection.UpgradeAsync(Request(fields: "User-Agent: later/1\r\n"));
        await connection.ReadResponseAsync();
    }

    private static async Task SpeakTlsAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        for (var i = 0; i < 2; i++)
        {
            await connection.SendAsync(Get("/x", "direct/1"));
            await connection.ReadResponseAsync();
        }
    }

    private static async Task BeRefusedAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeRefusedAsync(Request(fields: "User-Agent: relay/1\r\n"), alpn: SslApplicationProtocol.Http2);
        await connection.ReadToEndAsync();
    }

    private static async Task FailAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(fields: "User-Agent: confused/1\r\n"));
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(Get("/x", "confused/1"));
        await connection.ReadToEndAsync();
    }

    private static async Task<JsonDocument> GetJsonAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get("/tls", "reader/1"));
        return JsonDocument.Parse((await connection.ReadResponseAsync()).Content);
    }

    private static string Flatten(JsonElement element) => JsonSerializer.Serialize(element);
}
