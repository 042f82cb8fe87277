using System.Collections.Concurrent;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Tool.Tests.Requests;

/// <summary>Requests through proxies: in a tunnel, and in clear text.</summary>
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

    /// <summary>The proxy and the server are both localhost: what is for the server does not reach the proxy.</summary>
    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task HttpsProxy_OfTheSameName_InsecureIsForTheServer(string scheme)
    {
        using var files = new TempFiles();
        await using var proxy = await TunnelProxy.StartAsync(endpoint: listen => listen.UseHttps(TestCertificates.Server));
        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificate = TestCertificates.Other);
        string[] arguments = ["get", $"{scheme}://localhost:{server.Port}/", "-x", $"https://localhost:{proxy.Port}"];
        (await ToolRun.RunAsync([.. arguments, "-k"])).AssertFailed(4, "certificate");
        (await ToolRun.RunAsync([.. arguments, "--cacert", files.Root])).AssertFailed(4, "");
        var run = await ToolRun.RunAsync([.. arguments, "--cacert", files.Root, "-k", "-v"]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(scheme == "http" ? "state=Upgraded" : "state=DirectTls", run.Output, StringComparison.Ordinal);
        Assert.Contains($"> CONNECT localhost:{server.Port} HTTP/1.1", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task HttpsProxy_OfTheSameName_CertificateIsForTheServer(string scheme)
    {
        using var files = new TempFiles();
        var seen = new ConcurrentQueue<string>();
        await using var proxy = await TunnelProxy.StartAsync(endpoint: listen => listen.UseHttps(TestCertificates.Server, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
            https.ClientCertificateValidation = (certificate, _, _) =>
            {
                seen.Enqueue(certificate.Subject);
                return true;
            };
        }));
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.DirectTls = DirectTlsMode.Any;
            options.Https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            options.Https.AllowAnyClientCertificate();
        });
        var run = await ToolRun.RunAsync(
            "get",
            $"{scheme}://localhost:{server.Port}/",
            "-x",
            $"https://localhost:{proxy.Port}",
            "--cacert",
            files.Root,
            "--cert",
            files.Write("client.pem", TestCertificates.Client.ExportCertificatePem()),
            "--key",
            files.WriteKey("key.pem", TestCertificates.Client));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("certificate=CN=client ", run.Output, StringComparison.Ordinal);
        Assert.Empty(seen);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task HttpsProxy_WithPassword_TakesItFromTheUrl(string scheme)
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.StartTlsAsync(options => options.ApplicationProtocols = null);
            for (var head = await connection.ReadHeadAsync(); head.Length > 0; head = await connection.ReadHeadAsync())
            {
                await connection.SendAsync(head.Contains("\r\nProxy-Authorization: Basic bmFtZTpzZWNyZXQ=\r\n", StringComparison.Ordinal)
                    ? "HTTP/1.1 503 Password Known\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n");
            }
        });
        using var files = new TempFiles();
        (await ToolRun.RunAsync("get", $"{scheme}://a.test/", "--cacert", files.Root, "-x", $"https://name:secret@localhost:{proxy.Port}"))
            .AssertFailed(3, "503");
    }

    /// <summary>The proxy resolves the name, as .NET has it with socks5 too.</summary>
    [Theory]
    [InlineData("socks5h", false)]
    [InlineData("SOCKS5H", false)]
    [InlineData("socks5", false)]
    [InlineData("socks5h", true)]
    public async Task Socks5_NameIsForTheProxy(string scheme, bool isOfTheEnvironment)
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            // RFC 1928: greeting without authentication, then CONNECT to a domain name.
            await connection.ReadTextAsync(3);
            await connection.SendAsync("\x05\x00");
            Assert.Equal("\u0005\u0001\u0000\u0003\u0006a.test\u0000\u0050", await connection.ReadTextAsync(5 + "a.test".Length + 2));
            await connection.SendAsync("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00");
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
        var url = $"{scheme}://127.0.0.1:{proxy.Port}";
        var run = isOfTheEnvironment
            ? await ToolRun.RunProcessAsync(
                environment =>
                {
                    environment["http_proxy"] = url;
                    environment.Remove("no_proxy");
                    environment.Remove("NO_PROXY");
                },
                "get",
                "http://a.test/",
                "-k")
            : await ToolRun.RunAsync("get", "http://a.test/", "-k", "-x", url);
        Assert.Equal((0, "ok", ""), (run.ExitCode, run.Output, run.Error));
    }
}
