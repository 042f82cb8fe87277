using System.Collections.Concurrent;
using System.Text.Json;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tool.Tests.Advising;

/// <summary>The advice of a report, for people and for pipelines. Reports are scripted here.</summary>
public sealed class AdviseTests : IDisposable
{
    /// <summary>Enforce breaks a caller, which is not the first of the list; All breaks no caller.</summary>
    private const string Report = """
        {
          "since": "2026-11-23T08:00:00Z",
          "hour": { "unknown": 1 },
          "endpoints": [ { "address": "http://a", "settings": { "Offers": "WhereRequired", "Advertise": "Never" } }, { "settings": { "offers": "whererequired" } } ],
          "advice": [
            {
              "setting": "Requirement", "value": "Enforce", "meetsNobody": false, "unknown": [],
              "summary": "1 caller would be refused on /jobs, and 1 redirected.",
              "callers": [
                { "product": "Firefox", "network": "192.0.2.0/24", "outcome": "redirected", "count": 2, "resources": ["/jobs"], "remedy": "", "isExpected": true },
                { "product": "curl/7.88.1", "network": "127.0.0.0/24", "outcome": "refused", "count": 12345,
                  "resources": ["/jobs", "/2", "/3", "/4", "/5", "/6", "/7"], "remedy": "Use https:// on the same port." }
              ]
            },
            { "setting": "Offers", "value": "All", "meetsNobody": true, "summary": "Nobody else offers.", "callers": [] }
          ]
        }
        """;

    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Advise_NextStepMeetsCallers_Is2AndNamesThem()
    {
        await using var server = await StartAsync(Report);
        var run = await AdviseAsync(server);
        Assert.Equal((2, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            $"""
            http://localhost:{server.Port}/tls counts since 2026-11-23 08:00Z

            The next step, Requirement: Enforce, breaks callers.
            1 caller would be refused on /jobs, and 1 redirected.

              Firefox      192.0.2.0/24  redirected, expected  2       /jobs
              curl/7.88.1  127.0.0.0/24  refused               12,345  /jobs, /2, /3, /4, /5 and 2 more
                                                                       Use https:// on the same port.

            After that
              Offers: All  breaks no caller  Nobody else offers.

            """.ReplaceLineEndings("\n"),
            run.Output.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("Offers=All", 0, "Offers: All breaks no caller.\nNobody else offers.\n")]
    [InlineData("offers = all", 0, "Offers: All breaks no caller.")]
    [InlineData("Requirement=Enforce", 2, "Requirement: Enforce breaks callers.\n")]
    [InlineData("Offers=WhereRequired", 0, "Offers: WhereRequired is in force on every endpoint.")]
    public async Task Advise_Step_IsTheOneThatIsShownAndJudged(string step, int exitCode, string says)
    {
        await using var server = await StartAsync(Report);
        var run = await AdviseAsync(server, "--step", step);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
        Assert.Contains(says, run.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("After that", run.Output, StringComparison.Ordinal);
        var json = await AdviseAsync(server, "--step", step, "--json");
        Assert.Equal(exitCode, json.ExitCode);
        Assert.Equal(2, json.Json.GetArrayLength());
    }

    /// <summary>In force on one endpoint only is not in force.</summary>
    [Theory]
    [InlineData("Advertise=Never")]
    [InlineData("Offers=None")]
    public async Task Advise_StepWithoutAdvice_Is1AndNamesThoseThatHaveSome(string step)
    {
        await using var server = await StartAsync(Report);
        (await AdviseAsync(server, "--step", step)).AssertFailed(
            1, $"the report has no advice on {step.Replace("=", ": ", StringComparison.Ordinal)}; its steps are Requirement: Enforce, Offers: All");
    }

    /// <summary>Nothing is known of steps where no endpoint can take them.</summary>
    [Theory]
    [InlineData]
    [InlineData("--json")]
    [InlineData("--step", "Offers=WhereRequired")]
    public async Task Advise_NoStep_Is1(params string[] more)
    {
        await using var server = await StartAsync("""{ "endpoints": [ { "settings": { "Offers": "WhereRequired" } } ], "advice": [] }""");
        (await AdviseAsync(server, more)).AssertFailed(1, "the report has no advice: no endpoint of the server upgrades connections");
    }

    [Fact]
    public async Task Advise_Json_IsTheMemberAsItCame()
    {
        await using var server = await StartAsync(Report);
        var run = await AdviseAsync(server, "--json");
        Assert.Equal((2, ""), (run.ExitCode, run.Error));
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(Report).RootElement.GetProperty("advice"), run.Json));
    }

    /// <summary>A newer server says what this program does not know, and another one says it wrongly. In doubt a step meets somebody.</summary>
    [Theory]
    [InlineData("""{ "setting": "X" }""", 2)]
    [InlineData("""{ "setting": "X", "value": 1, "meetsNobody": "true", "summary": null, "callers": {} }""", 2)]
    [InlineData("""{ "setting": "X", "meetsNobody": true, "callers": [ 1, null, { }, { "product": [], "outcome": "paused", "count": 1e300, "resources": [ 1, null ] } ] }""", 0)]
    [InlineData("""7, null, { "setting": "" }, { "setting": "X", "meetsNobody": true }""", 0)]
    public async Task Advise_UnknownMembersAndValues_AreTolerated(string steps, int exitCode)
    {
        await using var server = await StartAsync($$"""{ "advice": [ {{steps}} ], "since": 7, "endpoints": [ 7, { "settings": [] } ] }""");
        var run = await AdviseAsync(server);
        Assert.Equal((exitCode, ""), (run.ExitCode, run.Error));
        Assert.Contains("The next step, X", run.Output, StringComparison.Ordinal);
        Assert.Equal(exitCode, (await AdviseAsync(server, "--json")).ExitCode);
    }

    [Theory]
    [InlineData(404, "text/plain", "x", "the answer is 404 Not Found: no report is mapped at this URL (AddTlsUpgradeReport(), MapTlsUpgradeReport()), or nobody may see it: outside Development it needs RequireAuthorization()")]
    [InlineData(401, "text/plain", "x", "the answer is 401 Unauthorized: the report's policy wants other credentials (--header 'Authorization: ...', --cert)")]
    [InlineData(403, "text/plain", "x", "the answer is 403 Forbidden: the report's policy")]
    [InlineData(302, "text/plain", "x", "the answer is 302 Found to /sign-in, and redirects are not followed")]
    [InlineData(500, "application/json", """{ "advice": [] }""", "the answer is 500 Internal Server Error")]
    [InlineData(200, "text/html", "<html>", "the answer is text/html, not JSON: it is no report (MapTlsUpgradeReport())")]
    [InlineData(200, null, "", "the answer is not JSON")]
    [InlineData(200, "application/json", "[]", "JSON without a member \"advice\"")]
    [InlineData(200, "application/json", """{ "callers": {} }""", "JSON without a member \"advice\"")]
    [InlineData(200, "application/json", """{ "advice": {} }""", "the member \"advice\" of the answer is no list")]
    [InlineData(200, "application/json", """{ "advice": [ { "setting": "\ud800" } ] }""", "the answer is application/json, not JSON")]
    [InlineData(200, "application/json", """{ "\ud800": 1, "advice": [] }""", "the answer is application/json, not JSON")]
    [InlineData(200, "application/json", """{ "advice": [ 1 ] }""", "the member \"advice\" of the answer has no step that is known here")]
    public async Task Advise_NoReport_Is1AndSaysWhy(int status, string? type, string content, string says)
    {
        await using var server = await StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            context.Response.Headers.Location = "/sign-in";
            await context.Response.WriteAsync(content);
        });
        (await AdviseAsync(server)).AssertFailed(1, says);
        (await AdviseAsync(server, "--json")).AssertFailed(1, says);
    }

    [Fact]
    public async Task Advise_EndlessContent_Is1()
    {
        await using var server = await StartAsync(static async context =>
        {
            var block = new byte[64 * 1024];
            block.AsSpan().Fill((byte)' ');
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });
        server.IsExpected = static line => line.Exception is OperationCanceledException;
        (await AdviseAsync(server)).AssertFailed(1, "longer than 8388608 bytes: it is no report");
    }

    [Fact]
    public async Task Advise_TextThatATerminalObeys_IsShownAndNotObeyed()
    {
        const string Bad = "\\u001b[31m\\n\u009b31m\u202etxt";
        await using var server = await StartAsync($$"""
            { "advice":	[ { "setting": "{{Bad}}", "value": "{{Bad}}", "summary": "{{Bad}}", "{{Bad}}": "{{Bad}}", "callers": [ { "product": "{{Bad}}",
            "network": "{{Bad}}", "outcome": "{{Bad}}", "resources": ["{{Bad}}"], "remedy": "[link={{Bad}}]" } ] } ],
            "endpoints": [ { "settings": { "{{Bad}}": "{{Bad}}" } } ] }
            """);
        foreach (var more in new[] { Array.Empty<string>(), ["--json"], ["--step", "a=b"] })
        {
            var run = await AdviseAsync(server, more);
            Assert.Equal(more is ["--step", ..] ? 1 : 2, run.ExitCode);
            Assert.DoesNotContain($"{run.Output}{run.Error}", static c => c != '\n' && (char.IsControl(c) || c is '\u202e'));
            Assert.Contains("\\u202etxt", $"{run.Output}{run.Error}", StringComparison.Ordinal);
            if (more is ["--json"])
            {
                // It still is the same JSON.
                Assert.Equal("\u001b[31m\n\u009b31m\u202etxt", run.Json[0].GetProperty("setting").GetString());
            }
        }
    }

    [Fact]
    public async Task Advise_ManyCallersAndLongTexts_AreCutForPeopleOnly()
    {
        var caller = $$"""{ "product": "{{new string('p', 1000)}}", "resources": ["{{new string('r', 1000)}}"], "remedy": "{{new string('m', 1000)}}" }""";
        await using var server = await StartAsync(
            $$"""{ "advice": [ { "setting": "X", "summary": "{{new string('s', 1000)}}", "callers": [ {{string.Join(',', Enumerable.Repeat(caller, 60))}} ] } ] }""");
        var run = await AdviseAsync(server);
        Assert.Contains("  and 10 more callers; --json has all of them", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{new string('p', 60)}... (1000 characters)", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('m', 501), run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('s', 501), run.Output, StringComparison.Ordinal);
        Assert.Equal(60, (await AdviseAsync(server, "--json")).Json[0].GetProperty("callers").GetArrayLength());
    }

    /// <summary>While offers are only looked at, nothing is upgraded. What may have credentials is not sent in clear text unless that is asked for.</summary>
    [Theory]
    [InlineData(false, 0, false)]
    [InlineData(true, 1, false)]
    [InlineData(true, 0, true)]
    public async Task Advise_ServerThatDoesNotUpgrade_GetsNoCredentials(bool hasHeader, int exitCode, bool isAsked)
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await StartAsync(
            context =>
            {
                seen.Enqueue($"{context.Request.Method} {context.Request.Scheme} {context.Request.Headers.Authorization}");
                return context.Response.WriteAsync("""{ "advice": [ { "setting": "X", "meetsNobody": true } ] }""");
            },
            static options => options.Offers = TlsUpgradeOffers.None);
        var run = await AdviseAsync(
            server, [.. hasHeader ? (string[])["-H", "Authorization: secret"] : [], .. isAsked ? (string[])["--mode", "preferred"] : []]);
        if (exitCode == 1)
        {
            run.AssertFailed(1, "refused the upgrade to TLS");
            Assert.DoesNotContain(seen, static request => request.Contains("GET", StringComparison.Ordinal));
        }
        else
        {
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Contains($"GET http {(hasHeader ? "secret" : "")}", seen);
        }
    }

    [Fact]
    public async Task Advise_ServerThatUpgrades_IsAskedOverTlsForJson()
    {
        await using var server = await StartAsync(static context => context.Response.WriteAsync(
            $$"""{ "advice": [ { "setting": "{{context.Request.Scheme}}", "value": "{{context.Request.Headers.Accept}} {{context.Request.Headers["X-A"]}}", "meetsNobody": true } ] }"""));
        Assert.Contains("https: application/json 1, breaks no caller", (await AdviseAsync(server, "-H", "Accept: text/html", "-H", "X-A: 1")).Output, StringComparison.Ordinal);
        var run = await AdviseAsync(server, "-v");
        Assert.Contains("< HTTP/1.1 101 Switching Protocols", run.Error, StringComparison.Ordinal);
        Assert.Contains("> Accept: application/json", run.Error, StringComparison.Ordinal);
        (await ToolRun.RunAsync("advise", $"http://localhost:{server.Port}/tls", "--no-proxy")).AssertFailed(4, "certificate was rejected");
        Assert.Equal(0, (await ToolRun.RunAsync("advise", $"https://localhost:{server.Port}/tls", "--no-proxy", "-k")).ExitCode);
    }

    [Fact]
    public async Task Advise_NoWholeAnswer_Is3Or5()
    {
        int port;
        await using (var server = new ScriptedServer(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{ \"advice\": [");
        }))
        {
            port = server.Port;
            (await ToolRun.RunAsync("advise", $"http://localhost:{port}/tls", "--no-proxy")).AssertFailed(5, "");
        }

        (await ToolRun.RunAsync("advise", $"http://localhost:{port}/tls", "--no-proxy")).AssertFailed(3, "Connection refused");
        await using var silent = new ScriptedServer(static connection => connection.ReadToEndAsync());
        (await ToolRun.RunAsync("advise", $"http://localhost:{silent.Port}/tls", "--no-proxy", "--timeout", "0.3")).AssertFailed(5, "no whole answer within 0.3 s");
    }

    [Fact]
    public async Task Advise_AsAProcess_TheSame()
    {
        await using var server = await StartAsync(Report);
        var run = await ToolRun.RunProcessAsync("advise", $"localhost:{server.Port}/tls", "-k", "--no-proxy");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("curl/7.88.1  127.0.0.0/24  refused", run.Output, StringComparison.Ordinal);
    }

    private static Task<UpgradeServer> StartAsync(string report) => StartAsync(context =>
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(report);
    });

    private static Task<UpgradeServer> StartAsync(RequestDelegate report, Action<TlsUpgradeOptions>? options = null) => UpgradeServer.StartAsync(
        options,
        app: app =>
        {
            app.MapGet("/tls", report);
            app.MapFallback(static context => Task.CompletedTask);
        });

    private Task<ToolRun> AdviseAsync(UpgradeServer server, params string[] more) =>
        ToolRun.RunAsync(["advise", $"http://localhost:{server.Port}/tls", "--cacert", _files.Root, "--no-proxy", .. more]);
}
