using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

/// <summary>Servers that are wrong, vulnerable, silent or hostile.</summary>
public sealed class HostileServerTests
{
    private static Task<ToolRun> ProbeAsync(int port, params string[] more) =>
        ToolRun.RunAsync(["probe", $"http://127.0.0.1:{port}/", "--json", .. more]);

    /// <summary>A server that is asked for https, or for nothing, closes.</summary>
    private static ScriptedServer Start(Func<ScriptedConnection, string, Task> script) => new(async connection =>
    {
        if (await ReadHeadAsync(connection) is { Length: > 0 } head)
        {
            await script(connection, head);
        }
    });

    private static async Task<string> ReadHeadAsync(ScriptedConnection connection)
    {
        var first = await connection.ReadTextAsync(1);
        return char.IsAsciiLetterUpper(first[0]) ? first + await connection.ReadHeadAsync() : "";
    }

    [Fact]
    public async Task Probe_NothingButRfc2817_IsFoundVulnerable()
    {
        await using var server = new NaiveUpgradeServer();
        var run = await ProbeAsync(server.EndPoint.Port, "-k");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("opossum", run.Findings);
        Assert.Contains(
            "An https client can be put behind an upgrade", run.Json.GetProperty("findings")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Equal("critical", run.Json.GetProperty("findings")[0].GetProperty("severity").GetString());
        Assert.Equal("answered", run.Find("clients", "client", "http2").GetProperty("outcome").GetString());
        Assert.Equal("withoutCloseNotify", run.Json.GetProperty("closure").GetProperty("outcome").GetString());
        Assert.Contains("no-close-notify", run.Findings);
    }

    [Fact]
    public async Task Probe_ClosedPort_IsUnreachable()
    {
        int port;
        await using (var server = new ScriptedServer(_ => Task.CompletedTask))
        {
            port = server.Port;
        }

        var run = await ProbeAsync(port);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("unreachable", run.Json.GetProperty("verdict").GetString());
        Assert.Equal("connection refused", run.Json.GetProperty("reach").GetProperty("error").GetString());
        var text = await ToolRun.RunAsync("probe", $"127.0.0.1:{port}");
        Assert.Equal(3, text.ExitCode);
        Assert.Contains("cannot be reached: connection refused", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_UnknownHost_IsUnreachable()
    {
        var run = await ToolRun.RunAsync("probe", "http://nobody.invalid/", "--json");
        Assert.Equal(3, run.ExitCode);
        Assert.NotEqual("", run.Json.GetProperty("reach").GetProperty("error").GetString());
    }

    [Fact]
    public async Task Probe_SilentServer_EndsWithinItsTimeouts()
    {
        await using var server = new ScriptedServer(connection => connection.ReadToEndAsync());
        var run = await ProbeAsync(server.Port, "--timeout", "1");
        Assert.Equal(3, run.ExitCode);
        Assert.True(run.Json.GetProperty("reach").GetProperty("isReachable").GetBoolean());
        Assert.Equal("no answer within 1 s", run.Json.GetProperty("plainRequest").GetProperty("error").GetString());
        Assert.Single(run.Json.GetProperty("upgrades").EnumerateArray());
        Assert.Equal(0, run.Json.GetProperty("tokens").GetArrayLength());
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP/1.1")]
    [InlineData("HTTP/1.1 2OO OK\r\n\r\n", "the answer is not HTTP/1.1")]
    [InlineData("HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", "the answer is not HTTP/1.1")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: \x1b[31mred\r\n\r\n", "the answer is not HTTP/1.1")]
    [InlineData("HTTP/1.1 200", "the connection ended within the head of a response")]
    [InlineData("", "the server closed the connection without an answer")]
    public async Task Probe_Garbage_IsNoHttp(string garbage, string error)
    {
        await using var server = Start(async (connection, head) =>
        {
            await connection.SendAsync(garbage);
        });
        var run = await ProbeAsync(server.Port);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal(error, run.Json.GetProperty("plainRequest").GetProperty("error").GetString());
    }

    [Fact]
    public async Task Probe_TenMegabytesOfHead_AreNotRead()
    {
        await using var server = Start(async (connection, head) =>
        {
            await connection.SendAsync("HTTP/1.1 200 OK\r\n");
            for (var i = 0; i < 10 * 1024; i++)
            {
                await connection.SendAsync($"X-{i}: {new string('x', 1016)}\r\n");
            }
        });
        var run = await ProbeAsync(server.Port);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("longer than 32768 bytes", run.Json.GetProperty("plainRequest").GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_EndlessInterimResponses_AreNotRead()
    {
        await using var server = Start(async (connection, head) =>
        {
            while (true)
            {
                await connection.SendAsync("HTTP/1.1 103 Early Hints\r\n\r\n");
            }
        });
        var run = await ProbeAsync(server.Port);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("more than 8 interim responses", run.Json.GetProperty("plainRequest").GetProperty("error").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("not TLS at all, but long enough to be a record\r\n")]
    public async Task Probe_NoTlsBehindThe101_IsBroken(string behind)
    {
        await using var server = Start(async (connection, head) =>
        {
            await connection.SendAsync(head.Contains("Upgrade:", StringComparison.Ordinal) ? ScriptedConnection.Switching : ScriptedConnection.EmptyOk);
            if (head.Contains("Upgrade:", StringComparison.Ordinal))
            {
                await connection.ReadSomeAsync();
                await connection.SendAsync(behind);
                connection.ShutdownTcp();
                await connection.ReadToEndAsync();
            }
        });
        var run = await ProbeAsync(server.Port);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("broken", run.Find("upgrades", "way", "firstRequest").GetProperty("outcome").GetString());
        Assert.Contains("upgrade-broken", run.Findings);
        Assert.Equal(
            behind.StartsWith("HTTP", StringComparison.Ordinal),
            run.Find("upgrades", "way", "firstRequest").GetProperty("error").GetString() == "the server goes on in clear text");
        Assert.Equal(behind.StartsWith("HTTP", StringComparison.Ordinal) ? "executed" : "refused", run.Json.GetProperty("injection").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Probe_SilenceBehindThe101_EndsWithinItsTimeouts()
    {
        await using var server = Start(async (connection, head) =>
        {
            await connection.SendAsync(head.Contains("Upgrade:", StringComparison.Ordinal) ? ScriptedConnection.Switching : ScriptedConnection.EmptyOk);
            await connection.ReadToEndAsync();
        });
        var run = await ProbeAsync(server.Port, "--timeout", "1");
        Assert.Equal(1, run.ExitCode);
        var upgrade = run.Find("upgrades", "way", "firstRequest");
        Assert.Equal(("broken", "no answer within 1 s"), (upgrade.GetProperty("outcome").GetString(), upgrade.GetProperty("error").GetString()));
        Assert.Equal("unclear", run.Find("clients", "client", "http2").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Probe_ClearTextGluedBehindThe101_IsNotTakenForTls()
    {
        await using var server = Start(async (connection, head) =>
        {
            await connection.SendAsync(ScriptedConnection.Switching + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            await connection.ReadToEndAsync();
        });
        var run = await ProbeAsync(server.Port);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("38 bytes in clear text followed the 101", run.Find("upgrades", "way", "firstRequest").GetProperty("error").GetString());
    }

    [Fact]
    public async Task Probe_ParticularAboutTokens_IsAskedAgainWithOneOfIts()
    {
        await using var server = Start(async (connection, head) =>
        {
            for (; head.Length > 0; head = await connection.ReadHeadAsync())
            {
                if (!head.Contains("Upgrade: TLS/1.0\r\n", StringComparison.Ordinal))
                {
                    await connection.SendAsync(ScriptedConnection.EmptyOk);
                    continue;
                }

                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync();
                await connection.SendAsync(ScriptedConnection.EmptyOk);
            }
        });
        var run = await ProbeAsync(server.Port, "-k");
        var upgrade = run.Find("upgrades", "way", "firstRequest");
        Assert.Equal(("TLS/1.0", "upgraded"), (upgrade.GetProperty("offer").GetString(), upgrade.GetProperty("outcome").GetString()));
        Assert.NotEqual(1, run.ExitCode);
    }

    [Fact]
    public async Task Probe_ControlCharactersInACertificate_DoNotReachTheTerminal()
    {
        using var certificate = CertificateFor.Create("\x1b[31mred");
        await using var server = Start(async (connection, _) =>
        {
            await connection.SendAsync(ScriptedConnection.Switching);
            await connection.StartTlsAsync(options => options.ServerCertificate = certificate);
            await connection.SendAsync(ScriptedConnection.EmptyOk);
        });
        var run = await ToolRun.RunAsync("probe", $"127.0.0.1:{server.Port}");
        Assert.DoesNotContain('\x1b', run.Output);
        Assert.Contains("\\u001b[31mred", run.Output, StringComparison.Ordinal);
    }
}
