using System.Collections.Concurrent;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tool.Tests.Requests;

/// <summary>Requests over upgraded connections, and every option of theirs both ways.</summary>
public sealed class RequestTests : IDisposable
{
    private readonly TempFiles _files = new();

    private static void Echo(WebApplication app) => app.Run(async context =>
    {
        using var reader = new StreamReader(context.Request.Body);
        var content = await reader.ReadToEndAsync();
        context.Response.Headers["X-Server"] = "echo";
        await context.Response.WriteAsync(
            $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Scheme} [{content}] "
            + $"type={context.Request.ContentType} agent={context.Request.Headers.UserAgent} a={context.Request.Headers["X-A"]} host={context.Request.Host}");
    });

    public void Dispose() => _files.Dispose();

    private Task<ToolRun> RunAsync(string command, int port, params string[] more) =>
        ToolRun.RunAsync([command, $"http://localhost:{port}/x?y", "--cacert", _files.Root, "--no-proxy", .. more]);

    private static ToolRun AssertOk(ToolRun run)
    {
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run;
    }

    [Fact]
    public async Task Get_Resource_TheContentAndNothingElse()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await RunAsync("get", server.Port));
        Assert.StartsWith("GET /x?y https [] type= agent=tls-upgrade/0.1.0", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AsAProcess_TheSame()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await ToolRun.RunProcessAsync("get", $"localhost:{server.Port}/x", "-k", "--no-proxy"));
        Assert.StartsWith("GET /x https", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_Resource_TheHeadAndNothingElse()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await RunAsync("head", server.Port));
        Assert.StartsWith("HTTP/1.1 200 OK", run.Output, StringComparison.Ordinal);
        Assert.Contains("X-Server: echo", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("HEAD /x", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_Include_TheHeadToo(bool isIncluded)
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await RunAsync("get", server.Port, isIncluded ? ["-i"] : []));
        Assert.Equal(isIncluded, run.Output.Contains("X-Server: echo", StringComparison.Ordinal));
        Assert.Contains("GET /x", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_Server_IsOptionsAsterisk()
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.MapGet("/", () => "x"));
        var run = await ToolRun.RunAsync("options", $"http://localhost:{server.Port}", "--asterisk", "-k", "--no-proxy", "-v");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Allow: ", run.Output, StringComparison.Ordinal);

        // Once to upgrade, and once as asked.
        Assert.Equal(2, run.Error.Split("> OPTIONS * HTTP/1.1").Length - 1);
    }

    [Fact]
    public async Task Options_Resource_IsForTheResource()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        Assert.Contains("OPTIONS /x?y", AssertOk(await RunAsync("options", server.Port)).Output, StringComparison.Ordinal);
        Assert.Contains("OPTIONS /x?y https [d]", AssertOk(await RunAsync("options", server.Port, "-d", "d")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /x?y https [a=1] type=application/x-www-form-urlencoded", "-d", "a=1")]
    [InlineData("POST /x?y https [a=1&b=2]", "-d", "a=1", "--data", "b=2")]
    [InlineData("PUT /x?y https [a=1]", "-d", "a=1", "-X", "PUT")]
    [InlineData("DELETE /x?y https []", "-X", "DELETE")]
    [InlineData("POST /x?y https [] type=application/x-www-form-urlencoded", "-d", "")]
    [InlineData("POST /x?y https [{}] type=application/json", "-d", "{}", "-H", "Content-Type: application/json")]
    public async Task Get_Data_AsCurlHasIt(string expected, params string[] arguments)
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        Assert.StartsWith(expected, AssertOk(await RunAsync("get", server.Port, arguments)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_DataFiles_AreSentByteForByte()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var file = _files.Write("data", "one\r\ntwo\n");
        Assert.Contains("[one\r\ntwo\n]", AssertOk(await RunAsync("get", server.Port, "-d", $"@{file}")).Output, StringComparison.Ordinal);
        var run = await ToolRun.RunAsync([.. "input\n"u8], "get", $"http://localhost:{server.Port}/", "-k", "--no-proxy", "-d", "@-");
        Assert.Contains("[input\n]", AssertOk(run).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Headers_ReplaceAndRepeat()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await RunAsync("get", server.Port, "-H", "X-A: 1", "--header", "x-a:2", "-H", "User-Agent: mine", "-H", "Host: a.test"));
        Assert.Contains("agent=mine a=1, 2", run.Output, StringComparison.Ordinal);
        Assert.Contains("host=a.test", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Output_GoesToTheFile()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await RunAsync("get", server.Port, "-o", _files["out"]));
        Assert.Equal("", run.Output);
        Assert.StartsWith("GET /x?y", await File.ReadAllTextAsync(_files["out"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (await RunAsync("get", server.Port, "-o", _files["no/such/folder"])).AssertFailed(6, "cannot be written");
        if (OperatingSystem.IsLinux())
        {
            (await RunAsync("get", server.Port, "-o", "/dev/full")).AssertFailed(6, "/dev/full cannot be written");
        }
    }

    [Fact]
    public async Task Get_UntrustedCertificate_FailsUnlessInsecure()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var uri = $"http://localhost:{server.Port}/";
        (await ToolRun.RunAsync("get", uri, "--no-proxy")).AssertFailed(4, "certificate was rejected");
        (await ToolRun.RunAsync("get", $"http://localhost:{server.Port}/", "--no-proxy", "--cacert", _files.Write("other.pem", TestCertificates.Other.ExportCertificatePem())))
            .AssertFailed(4, "certificate was rejected");
        AssertOk(await ToolRun.RunAsync("get", uri, "--no-proxy", "--insecure"));
    }

    [Theory]
    [InlineData("required", 1)]
    [InlineData("preferred", 0)]
    [InlineData("on-demand", 0)]
    public async Task Get_ServerThatDoesNotUpgrade_IsForTheMode(string mode, int exitCode)
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false, app: Echo);
        var run = await RunAsync("get", server.Port, "--mode", mode);
        if (exitCode == 0)
        {
            Assert.StartsWith("GET /x?y http ", AssertOk(run).Output, StringComparison.Ordinal);
        }
        else
        {
            run.AssertFailed(exitCode, "refused the upgrade to TLS");
        }
    }

    [Fact]
    public async Task Get_RequiredResourceOnDemand_IsRepeatedOverTls()
    {
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            app.UseRouting();
            app.MapPost("/x", (HttpContext context) => context.Request.Scheme).RequireTlsUpgrade();
        });
        var run = await RunAsync("get", server.Port, "--mode", "on-demand", "-d", "a", "-v");
        Assert.Equal((0, "https"), (run.ExitCode, run.Output));
        Assert.Contains("< HTTP/1.1 426 Upgrade Required", run.Error, StringComparison.Ordinal);
        Assert.Contains("< HTTP/1.1 101 Switching Protocols", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Get_Fail_IsForStatusesOf400AndMore(bool fails)
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("nothing here");
        }));
        var run = await RunAsync("get", server.Port, fails ? ["--fail"] : []);
        if (fails)
        {
            run.AssertFailed(22, "the answer is 404 Not Found");
        }
        else
        {
            Assert.Equal("nothing here", AssertOk(run).Output);
        }
    }

    [Fact]
    public async Task Get_Verbose_ShowsTheExchangeBeforeAndAfterTheSwitch()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = await RunAsync("get", server.Port, "-v");
        Assert.Equal(0, run.ExitCode);
        string[] expected =
        [
            "* connected to localhost port", "> OPTIONS * HTTP/1.1", "> Upgrade: TLS/1.3, TLS/1.2, http/1.1-upgraded", "< HTTP/1.1 101 Switching Protocols",
            "< Upgrade: TLS/1.3, HTTP/1.1", "* TLS begins", "* TLS 1.3, TLS_", "* certificate CN=localhost, issued by CN=localhost", "; trusted",
            "> GET /x?y HTTP/1.1", "< HTTP/1.1 200 OK", "< X-Server: echo", "bytes of content]", "* received over TLS, upgraded to TLS/1.3",
        ];
        var at = 0;
        foreach (var line in expected)
        {
            var found = run.Error.IndexOf(line, at, StringComparison.Ordinal);
            Assert.True(found >= 0, $"'{line}' is not in the trace behind the lines before it:\n{run.Error}");
            at = found;
        }

        Assert.StartsWith("GET /x?y https", run.Output, StringComparison.Ordinal);
        Assert.Equal("", AssertOk(await RunAsync("get", server.Port)).Error);
    }

    [Fact]
    public async Task Get_VerboseInClearText_ShowsItOnce()
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false, app: Echo);
        var run = await RunAsync("get", server.Port, "-v", "--mode", "preferred");
        Assert.Equal(2, run.Error.Split("> GET /x?y HTTP/1.1").Length);
        Assert.Contains("* received without an upgrade", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Https_NeedsNoUpgrade()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any, app: Echo);
        var run = await ToolRun.RunAsync("get", $"https://localhost:{server.Port}/", "--cacert", _files.Root, "--no-proxy", "-v");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("> GET / HTTP/2", run.Error, StringComparison.Ordinal);
        Assert.Contains("* received without an upgrade", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Our own default serves https clients with HTTP/2 only.</summary>
    [Fact]
    public async Task Get_HttpsOfADefaultServer_IsHttp2()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        string[] arguments = [$"https://localhost:{server.Port}/x?y", "--cacert", _files.Root, "--no-proxy"];
        var run = await ToolRun.RunAsync(["get", .. arguments, "-i", "-v", "-d", "a=1", "-H", "X-A: 1"]);
        Assert.Equal(0, run.ExitCode);
        string[] lines = run.Output.Split("\r\n").SelectMany(line => line.Split('\n')).ToArray();
        Assert.Equal("HTTP/2 200", lines[0]);
        Assert.Contains("X-Server: echo", lines, StringComparer.OrdinalIgnoreCase);
        Assert.StartsWith("POST /x?y https [a=1] type=application/x-www-form-urlencoded", lines[^1], StringComparison.Ordinal);
        foreach (var line in new[] { "> POST /x?y HTTP/2", $"> Host: localhost:{server.Port}", "> X-A: 1", "< HTTP/2 200" })
        {
            Assert.Contains(line, run.Error.Split('\n'));
        }

        // What HTTP/2 sends is not text.
        Assert.DoesNotContain("PRI", run.Error, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/2 200", AssertOk(await ToolRun.RunAsync(["head", .. arguments])).Output, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/2 200", AssertOk(await ToolRun.RunAsync(["options", .. arguments])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_HttpsWithoutHttp2_IsHttp1()
    {
        await using var server = await UpgradeServer.StartAsync(
            isUpgradable: false,
            endpoint: listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(TestCertificates.Server);
            },
            app: Echo);
        var run = await ToolRun.RunAsync("get", $"https://localhost:{server.Port}/", "--cacert", _files.Root, "--no-proxy", "-v");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("> GET / HTTP/1.1", run.Error, StringComparison.Ordinal);
        Assert.Contains("< HTTP/1.1 200 OK", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Only HTTP/1.1 has a way to it here.</summary>
    [Fact]
    public async Task Options_AsteriskByHttps_IsHttp1()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var run = await ToolRun.RunAsync("options", $"https://localhost:{server.Port}", "--asterisk", "-k", "--no-proxy", "-v");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("> OPTIONS * HTTP/1.1", run.Error, StringComparison.Ordinal);
    }

    /// <summary>As curl has them.</summary>
    [Theory]
    [InlineData("X-A:", "agent=tls-upgrade/VERSION a= ")]
    [InlineData("X-A: ", "agent=tls-upgrade/VERSION a= ")]
    [InlineData("X-A;", "agent=tls-upgrade/VERSION a= ")]
    [InlineData("User-Agent:", "type=application/x-www-form-urlencoded agent= ")]
    [InlineData("User-Agent;", "type=application/x-www-form-urlencoded agent= ")]
    [InlineData("content-type:", "[d] type= ")]
    public async Task Get_FieldWithoutValue_IsLeftOutOrEmpty(string field, string expected)
    {
        var heads = new ConcurrentQueue<string>();
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            app.Use((context, next) =>
            {
                heads.Enqueue(string.Join(' ', context.Request.Headers.Select(one => $"{one.Key}={one.Value}")));
                return next();
            });
            Echo(app);
        });
        expected = expected.Replace("VERSION", ToolVersion.Number, StringComparison.Ordinal);
        Assert.Contains(expected, AssertOk(await RunAsync("get", server.Port, "-d", "d", "-H", field)).Output, StringComparison.Ordinal);
        var name = field.TrimEnd(':', ';', ' ');
        Assert.Equal(field.EndsWith(';'), heads.Last().Contains($"{name}=", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Get_FieldLeftOutAndGiven_IsSent()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        Assert.Contains("agent=mine ", AssertOk(await RunAsync("get", server.Port, "-H", "User-Agent:", "-H", "User-Agent: mine")).Output, StringComparison.Ordinal);

        // There is no content, and so nothing to leave out.
        AssertOk(await RunAsync("get", server.Port, "-H", "Content-Type:"));
    }

    [Fact]
    public async Task Get_UrlInTheQuery_IsNoScheme()
    {
        await using var server = await UpgradeServer.StartAsync(app: Echo);
        var run = AssertOk(await ToolRun.RunAsync("get", $"localhost:{server.Port}/x?u=http://a.test", "-k", "--no-proxy"));
        Assert.StartsWith("GET /x?u=http://a.test https", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_LongReasonPhrase_IsCutInTheMessage()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync($"HTTP/1.1 404 {new string('x', 20 * 1024)}\r\nContent-Length: 0\r\n\r\n");
        });
        var run = await RunAsync("get", server.Port, "--mode", "on-demand", "-f");
        run.AssertFailed(22, $"the answer is 404 {new string('x', 200)}... (20480 characters)");
        Assert.True(run.Error.Length < 300);
        run = await RunAsync("get", server.Port);
        Assert.Equal(1, run.ExitCode);
        Assert.True(run.Error.Length < 1200);
        run = await ToolRun.RunAsync("probe", server.Uri);
        Assert.Contains($"404 {new string('x', 200)}... (20480 characters), no Server field", string.Join(' ', run.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ClosedPort_IsUnreachable()
    {
        int port;
        await using (var server = new ScriptedServer(_ => Task.CompletedTask))
        {
            port = server.Port;
        }

        (await RunAsync("get", port)).AssertFailed(3, "Connection refused");
        (await ToolRun.RunAsync("get", "http://nobody.invalid/", "--no-proxy")).AssertFailed(3, "nobody.invalid");
    }

    [Fact]
    public async Task Get_SilentServer_EndsAtTheTimeout()
    {
        await using var server = new ScriptedServer(connection => connection.ReadToEndAsync());
        (await RunAsync("get", server.Port, "--timeout", "0.3")).AssertFailed(5, "no whole answer within 0.3 s");
    }

    [Fact]
    public async Task Get_CutContent_IsNoWholeAnswer()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        });
        var run = await RunAsync("get", server.Port);
        Assert.Equal((5, "half"), (run.ExitCode, run.Output));
        Assert.StartsWith("tls-upgrade: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\nConnec")]
    public async Task Get_UpgradeThatBreaksOff_IsNoAnswer(string answer)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(answer);
        });
        (await RunAsync("get", server.Port)).AssertFailed(5, "");
    }

    [Fact]
    public async Task Get_Garbage_IsNoAnswer()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("SSH-2.0-OpenSSH\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        (await RunAsync("get", server.Port)).AssertFailed(5, "HTTP");
    }
}
