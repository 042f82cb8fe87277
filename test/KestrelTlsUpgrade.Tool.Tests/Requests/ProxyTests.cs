using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Requests;

/// <summary>Requests through squid: in a tunnel, and in clear text.</summary>
public sealed class ProxyTests
{
    [Fact]
    public async Task Proxy_Named_TheUpgradeIsInTheTunnel()
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: false);
        await using var server = await UpgradeServer.StartAsync();
        var run = await ToolRun.RunAsync("get", $"http://localhost:{server.Port}/", "-k", "-v", "--proxy", $"127.0.0.1:{squid.Port}");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("state=Upgraded", run.Output, StringComparison.Ordinal);
        Assert.Contains($"> CONNECT localhost:{server.Port} HTTP/1.1", run.Error, StringComparison.Ordinal);
        Assert.Contains("< HTTP/1.1 101 Switching Protocols", run.Error, StringComparison.Ordinal);
        Assert.Contains("* received over TLS, upgraded to TLS/1.3 in a tunnel", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name:secret@", 0)]
    [InlineData("", 3)]
    public async Task Proxy_WithPassword_TakesItFromTheUrl(string userInfo, int exitCode)
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: true);
        await using var server = await UpgradeServer.StartAsync();
        var run = await ToolRun.RunAsync("get", $"http://localhost:{server.Port}/", "-k", "--proxy", $"http://{userInfo}127.0.0.1:{squid.Port}");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(exitCode != 0, run.Error.Contains("407", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Proxy_OfTheEnvironment_IsUsedUnlessNoProxy(bool noProxy, bool isTunnelled)
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: false);
        await using var server = await UpgradeServer.StartAsync();
        var run = await ToolRun.RunProcessAsync(
            environment =>
            {
                environment["http_proxy"] = $"http://127.0.0.1:{squid.Port}";
                environment.Remove("no_proxy");
                environment.Remove("NO_PROXY");
            },
            ["get", $"http://localhost:{server.Port}/", "-k", "-v", .. noProxy ? new[] { "--no-proxy" } : []]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(isTunnelled, run.Error.Contains("> CONNECT ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Proxy_ClosedPort_IsUnreachable()
    {
        int port;
        await using (var server = new ScriptedServer(_ => Task.CompletedTask))
        {
            port = server.Port;
        }

        (await ToolRun.RunAsync("get", "http://localhost:9/", "--proxy", $"http://127.0.0.1:{port}")).AssertFailed(3, "refused");
    }

    [Fact]
    public async Task Options_AsteriskInClearTextThroughAProxy_IsAUriWithoutAPath()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(ScriptedConnection.EmptyOk);
        });
        var run = await ToolRun.RunAsync(
            "options", "http://a.test/", "--asterisk", "--mode", "on-demand", "--proxy", $"http://127.0.0.1:{proxy.Port}");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("OPTIONS http://a.test HTTP/1.1\r\n", Assert.Single(proxy.Heads), StringComparison.Ordinal);
    }
}
