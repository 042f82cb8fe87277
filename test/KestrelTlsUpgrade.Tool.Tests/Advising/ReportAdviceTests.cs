using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tool.Tests.Advising;

/// <summary>The advice of the report of a server that looks on.</summary>
public sealed class ReportAdviceTests
{
    [Fact]
    public async Task Advise_CallerOfWhatRequiresTls_IsRefusedByEnforceOnly()
    {
        await using var server = await StartAsync("Development");
        var run = await AdviseAsync(server, "--step", "Requirement=Enforce");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Requirement: Enforce breaks no caller.", run.Output, StringComparison.Ordinal);

        await using (var connection = await server.ConnectAsync())
        {
            await connection.SendAsync("GET /jobs HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/7.88.1\r\n\r\n");
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        run = await AdviseAsync(server, "--step", "requirement=enforce");
        Assert.Equal((2, ""), (run.ExitCode, run.Error));
        Assert.Contains("Requirement: Enforce breaks callers.", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n  curl/7\.88\.1  127\.0\.0\.0/24  refused  1  /jobs\n", run.Output.ReplaceLineEndings("\n"));

        run = await AdviseAsync(server);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("The next step, Offers: WhereRequired, breaks no caller.", run.Output, StringComparison.Ordinal);
        Assert.Contains("  Requirement: Enforce ", run.Output, StringComparison.Ordinal);
        run = await AdviseAsync(server, "--step", "Offers=None");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.EndsWith("Offers: None is in force on every endpoint.\n", run.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    /// <summary>What scripts rely on.</summary>
    [Fact]
    public async Task Advise_Json_HasTheMembersThatAreRead()
    {
        await using var server = await StartAsync("Development");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /jobs HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        var run = await AdviseAsync(server, "--json", "--step", "Requirement=Enforce");
        Assert.Equal((2, ""), (run.ExitCode, run.Error));
        var step = run.Json.EnumerateArray().Single(static step => step.GetProperty("value").GetString() == "Enforce");
        Assert.Equal(["callers", "meetsNobody", "setting", "summary", "value"], step.EnumerateObject().Select(static member => member.Name).Order());
        var caller = Assert.Single(step.GetProperty("callers").EnumerateArray());
        Assert.Superset(
            new HashSet<string>(["count", "network", "outcome", "product", "remedy", "resources"]),
            caller.EnumerateObject().Select(static member => member.Name).ToHashSet());
        Assert.Equal("refused", caller.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Advise_ReportThatNobodyMaySee_Is1()
    {
        await using var server = await StartAsync("Production");
        (await AdviseAsync(server)).AssertFailed(1, "the answer is 404 Not Found: no report is mapped at this URL");
    }

    private static Task<UpgradeServer> StartAsync(string environment) => UpgradeServer.StartAsync(
        static builder =>
        {
            builder.Configuration["TlsUpgrade:Offers"] = "None";
            builder.Configuration["TlsUpgrade:Requirement"] = "ReportOnly";
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.Services.AddTlsUpgradeReport();
        },
        static app =>
        {
            app.MapGet("/jobs", static () => "jobs").RequireTlsUpgrade();
            app.MapTlsUpgradeReport("/tls");
        },
        environment);

    private static Task<ToolRun> AdviseAsync(UpgradeServer server, params string[] more) =>
        ToolRun.RunAsync(["advise", $"http://127.0.0.1:{server.Port}/tls", "--no-proxy", .. more]);
}
