using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.Json;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

/// <summary>The probe against this project's server, in each of its settings.</summary>
public sealed class OwnServerTests
{
    private static async Task<ToolRun> ProbeAsync(UpgradeServer server, params string[] more)
    {
        using var files = new TempFiles();
        return await ToolRun.RunAsync(["probe", $"http://localhost:{server.Port}/page", "--json", "--cacert", files.Root, .. more]);
    }

    [Fact]
    public async Task Probe_Compatible_UpgradesInEveryWayWithoutFindings()
    {
        await using var server = await UpgradeServer.StartAsync();
        var run = await ProbeAsync(server);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(["opossum-http1-elsewhere"], run.Findings);
        var json = run.Json;
        Assert.Equal(1, json.GetProperty("schemaVersion").GetInt32());
        Assert.Equal("upgrades", json.GetProperty("verdict").GetString());
        Assert.Equal(0, json.GetProperty("exitCode").GetInt32());
        Assert.Equal($"http://localhost:{server.Port}/page", json.GetProperty("url").GetString());
        Assert.True(json.GetProperty("reach").GetProperty("isReachable").GetBoolean());
        Assert.Equal($"127.0.0.1:{server.Port}", json.GetProperty("reach").GetProperty("address").GetString());

        var plain = json.GetProperty("plainRequest");
        Assert.Equal((200, "Kestrel"), (plain.GetProperty("status").GetInt32(), plain.GetProperty("server").GetString()));
        Assert.False(plain.GetProperty("requiresUpgrade").GetBoolean());
        Assert.Equal(0, plain.GetProperty("advertisedTokens").GetArrayLength());

        foreach (var way in new[] { "firstRequest", "firstOptions", "laterRequest" })
        {
            var upgrade = run.Find("upgrades", "way", way);
            Assert.Equal("upgraded", upgrade.GetProperty("outcome").GetString());
            Assert.Equal("TLS/1.3", upgrade.GetProperty("switchedTo")[0].GetString());
            Assert.Equal("TLS 1.3", upgrade.GetProperty("tlsVersion").GetString());
            Assert.StartsWith("TLS_", upgrade.GetProperty("cipherSuite").GetString(), StringComparison.Ordinal);
            Assert.True(upgrade.GetProperty("connectionNamesUpgrade").GetBoolean());
            Assert.Equal(200, upgrade.GetProperty("answerStatus").GetInt32());
        }

        Assert.Equal("closeNotify", json.GetProperty("closure").GetProperty("outcome").GetString());
        Assert.Equal("refused", json.GetProperty("injection").GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("TLS/1.3", true)]
    [InlineData("TLS/1.2", true)]
    [InlineData("TLS/1.1", true)]
    [InlineData("TLS", true)]
    [InlineData("tls/1.2", true)]
    [InlineData("h2c, TLS/1.2", true)]
    [InlineData("TLS/9.9", false)]
    [InlineData("h2c", false)]
    public async Task Probe_Tokens_TellWhatIsAcceptedAndNamed(string offer, bool isAccepted)
    {
        await using var server = await UpgradeServer.StartAsync();
        var token = (await ProbeAsync(server)).Find("tokens", "offer", offer);
        Assert.Equal(isAccepted, token.GetProperty("isAccepted").GetBoolean());
        Assert.Equal("OPTIONS *", token.GetProperty("request").GetString());
        var named = offer.Split(", ")[^1].ToUpperInvariant();
        Assert.Equal(isAccepted ? $"{named} HTTP/1.1" : "", string.Join(' ', token.GetProperty("switchedTo") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(item => item.GetString()) : []));
    }

    [Fact]
    public async Task Probe_StrictTokens_OldTokensAreNotAccepted()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.StrictTokens = true);
        var run = await ProbeAsync(server);
        Assert.False(run.Find("tokens", "offer", "TLS/1.1").GetProperty("isAccepted").GetBoolean());
        Assert.True(run.Find("tokens", "offer", "TLS/1.2").GetProperty("isAccepted").GetBoolean());
    }

    [Fact]
    public async Task Probe_TlsVersions_EachOnItsOwn()
    {
        await using var server = await UpgradeServer.StartAsync();
        var run = await ProbeAsync(server);
        Assert.Equal("accepted", run.Find("tlsVersions", "version", "TLS 1.3").GetProperty("outcome").GetString());
        Assert.Equal("accepted", run.Find("tlsVersions", "version", "TLS 1.2").GetProperty("outcome").GetString());
        Assert.Contains(run.Find("tlsVersions", "version", "TLS 1.1").GetProperty("outcome").GetString(), new[] { "refused", "notTestable" });
        Assert.Contains(run.Find("tlsVersions", "version", "TLS 1.0").GetProperty("outcome").GetString(), new[] { "refused", "notTestable" });
    }

    [Fact]
    public async Task Probe_Tls12Only_NotesTheMissingVersion()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.SslProtocols = SslProtocols.Tls12);
        var run = await ProbeAsync(server);
        Assert.Equal("refused", run.Find("tlsVersions", "version", "TLS 1.3").GetProperty("outcome").GetString());
        Assert.Equal("TLS 1.2", run.Find("upgrades", "way", "firstRequest").GetProperty("tlsVersion").GetString());
        Assert.Contains("no-tls13", run.Findings);
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData(TlsUpgradeClientMode.Compatible, "refused", "answered", "answered", "answered")]
    [InlineData(TlsUpgradeClientMode.AwareOnly, "refused", "refused", "refused", "answered")]
    public async Task Probe_AcceptedClients_TellsWhoIsAnswered(TlsUpgradeClientMode clients, string http2, string http1, string none, string aware)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.AcceptedClients = clients);
        var run = await ProbeAsync(server);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(clients is TlsUpgradeClientMode.Compatible ? ["opossum-http1-elsewhere"] : [], run.Findings);
        string[] outcomes = [.. new[] { "http2", "http1", "noAlpn", "aware" }.Select(
            client => run.Find("clients", "client", client).GetProperty("outcome").GetString()!)];
        Assert.Equal([http2, http1, none, aware], outcomes);
        Assert.StartsWith(
            "http/1.1-upgraded=", run.Find("clients", "client", "aware").GetProperty("selected").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DirectTlsMode.Off, false, false, 0)]
    [InlineData(DirectTlsMode.Http2Only, true, false, 0)]
    [InlineData(DirectTlsMode.Any, true, true, 2)]
    public async Task Probe_DirectTls_TellsWhatIsServed(DirectTlsMode mode, bool http2, bool http1, int exitCode)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = mode);
        var run = await ProbeAsync(server);
        Assert.Equal(http2, run.Find("directTls", "protocol", "HTTP/2").GetProperty("isServed").GetBoolean());
        Assert.Equal(http1, run.Find("directTls", "protocol", "HTTP/1.1").GetProperty("isServed").GetBoolean());
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(exitCode == 2, run.Findings.Contains("opossum-http1"));
        if (mode is DirectTlsMode.Off)
        {
            Assert.Equal("the server answers in clear text", run.Find("directTls", "protocol", "HTTP/2").GetProperty("error").GetString());
        }

        if (mode is DirectTlsMode.Http2Only)
        {
            Assert.Equal(505, run.Find("directTls", "protocol", "HTTP/1.1").GetProperty("status").GetInt32());
        }
    }

    /// <summary>Clear text behind the upgrade request is never executed, in any combination of AcceptedClients and DirectTls.</summary>
    [Theory]
    [InlineData(TlsUpgradeClientMode.Compatible, DirectTlsMode.Off)]
    [InlineData(TlsUpgradeClientMode.Compatible, DirectTlsMode.Http2Only)]
    [InlineData(TlsUpgradeClientMode.Compatible, DirectTlsMode.Any)]
    [InlineData(TlsUpgradeClientMode.AwareOnly, DirectTlsMode.Off)]
    [InlineData(TlsUpgradeClientMode.AwareOnly, DirectTlsMode.Http2Only)]
    [InlineData(TlsUpgradeClientMode.AwareOnly, DirectTlsMode.Any)]
    public async Task Probe_EachMode_ClearTextIsNotExecuted(TlsUpgradeClientMode clients, DirectTlsMode directTls)
    {
        var asked = new ConcurrentQueue<string>();
        await using var server = await UpgradeServer.StartAsync(
            options =>
            {
                options.AcceptedClients = clients;
                options.DirectTls = directTls;
            },
            app: app => app.Run(context =>
            {
                asked.Enqueue($"{context.Request.Path}{context.Request.QueryString}");
                return UpgradeServer.DescribeAsync(context);
            }));
        var run = await ProbeAsync(server);
        Assert.Contains(run.Json.GetProperty("injection").GetProperty("outcome").GetString(), new[] { "refused", "dropped" });
        Assert.Contains("/page", asked);
        Assert.DoesNotContain(asked, path => path.Contains("injected", StringComparison.Ordinal));
    }

    /// <summary>A resource for GET only answers a HEAD with 405, which says nothing of the protocol.</summary>
    [Fact]
    public async Task Probe_DirectTls_TheStatusIsThatOfAGet()
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.MapGet("/page", () => "x"));
        var http2 = (await ProbeAsync(server)).Find("directTls", "protocol", "HTTP/2");
        Assert.Equal((true, 200), (http2.GetProperty("isServed").GetBoolean(), http2.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Probe_HttpsWithoutHttp2_SaysWhatAnswers()
    {
        await using var server = await UpgradeServer.StartAsync(
            isUpgradable: false,
            endpoint: listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(TestCertificates.Server);
            });
        var run = await ProbeAsync(server);
        var http2 = run.Find("directTls", "protocol", "HTTP/2");
        Assert.Equal((false, "the server answers with HTTP/1.1"), (http2.GetProperty("isServed").GetBoolean(), http2.GetProperty("error").GetString()));
        Assert.True(run.Find("directTls", "protocol", "HTTP/1.1").GetProperty("isServed").GetBoolean());
    }

    [Fact]
    public async Task Probe_RequiredResource_426AndStillUpgradesBehindIt()
    {
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            app.UseRouting();
            app.MapMethods("/page", ["GET", "HEAD"], (HttpContext context) => UpgradeServer.DescribeAsync(context)).RequireTlsUpgrade();
        });
        var run = await ProbeAsync(server);
        Assert.Equal(0, run.ExitCode);
        var plain = run.Json.GetProperty("plainRequest");
        Assert.Equal(426, plain.GetProperty("status").GetInt32());
        Assert.True(plain.GetProperty("requiresUpgrade").GetBoolean());
        Assert.Equal("TLS/1.3", plain.GetProperty("advertisedTokens")[0].GetString());
        Assert.Equal("upgraded", run.Find("upgrades", "way", "laterRequest").GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Probe_Advertised_TellsTheTokens()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Advertise = TlsUpgradeAdvertisement.EveryResponse);
        var plain = (await ProbeAsync(server)).Json.GetProperty("plainRequest");
        Assert.False(plain.GetProperty("requiresUpgrade").GetBoolean());
        Assert.Equal(["TLS/1.3", "TLS/1.2", "HTTP/1.1"], plain.GetProperty("advertisedTokens").EnumerateArray().Select(token => token.GetString()!));
    }

    [Fact]
    public async Task Probe_Certificate_IsDescribed()
    {
        await using var server = await UpgradeServer.StartAsync();
        var certificate = (await ProbeAsync(server)).Json.GetProperty("certificate");
        Assert.Equal("CN=localhost", certificate.GetProperty("subject").GetString());
        Assert.Equal("CN=localhost", certificate.GetProperty("issuer").GetString());
        Assert.Equal(["localhost", "a.test", "127.0.0.1", "::1"], certificate.GetProperty("names").EnumerateArray().Select(name => name.GetString()!));
        Assert.Equal(TestCertificates.Server.NotAfter.ToUniversalTime(), certificate.GetProperty("notAfter").GetDateTimeOffset().UtcDateTime);
        Assert.Equal(TestCertificates.Server.NotBefore.ToUniversalTime(), certificate.GetProperty("notBefore").GetDateTimeOffset().UtcDateTime);
        Assert.Equal(89, certificate.GetProperty("daysLeft").GetInt32());
        Assert.True(certificate.GetProperty("isInDate").GetBoolean());
        Assert.True(certificate.GetProperty("matchesHost").GetBoolean());
        Assert.True(certificate.GetProperty("isTrusted").GetBoolean());
        Assert.Equal(
            TestCertificates.Server.GetCertHashString(HashAlgorithmName.SHA256),
            certificate.GetProperty("sha256").GetString());
    }

    [Theory]
    [InlineData(false, 2, true)]
    [InlineData(true, 0, false)]
    public async Task Probe_UntrustedCertificate_IsAFindingUnlessInsecure(bool isInsecure, int exitCode, bool isFound)
    {
        await using var server = await UpgradeServer.StartAsync();
        var run = await ToolRun.RunAsync(["probe", $"localhost:{server.Port}", "--json", .. isInsecure ? new[] { "-k" } : []]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(isFound, run.Findings.Contains("certificate-untrusted"));
        Assert.False(run.Json.GetProperty("certificate").GetProperty("isTrusted").GetBoolean());
    }

    [Fact]
    public async Task Probe_CertificateOfAnotherName_IsAFinding()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificate = CertificateFor.Names("other.test"));
        var run = await ProbeAsync(server);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("certificate-name", run.Findings);
        Assert.Contains("certificate-untrusted", run.Findings);
    }

    [Fact]
    public async Task Probe_ExpiredCertificate_IsAFindingAlsoIfInsecure()
    {
        var expired = CertificateFor.Create("localhost", names => names.AddDnsName("localhost"), isExpired: true);
        await using var server = await UpgradeServer.StartAsync(options => options.HandshakeCallback = new()
        {
            OnConnection = _ => new(new SslServerAuthenticationOptions { ServerCertificate = expired }),
        });
        var run = await ProbeAsync(server, "--insecure");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("certificate-expired", run.Findings);
        Assert.True(run.Json.GetProperty("certificate").GetProperty("daysLeft").GetInt32() < 0);
        Assert.False(run.Json.GetProperty("certificate").GetProperty("isInDate").GetBoolean());
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task Probe_AddressAsHost_IsCheckedAgainstTheCertificate(string host)
    {
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Services.AddTlsUpgrade();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
                    host.StartsWith('[') ? IPAddress.IPv6Loopback : IPAddress.Loopback,
                    0,
                    listen => listen.UseTlsUpgrade(TestCertificates.Server)));
            });
        using var files = new TempFiles();
        var run = await ToolRun.RunAsync("probe", $"http://{host}:{server.Port}/", "--json", "--cacert", files.Root);
        Assert.Equal(0, run.ExitCode);
        Assert.True(run.Json.GetProperty("certificate").GetProperty("matchesHost").GetBoolean());
    }

    [Fact]
    public async Task Probe_PlainKestrel_DoesNotUpgrade()
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false);
        var run = await ProbeAsync(server);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("doesNotUpgrade", run.Json.GetProperty("verdict").GetString());
        Assert.Equal("refused", run.Find("upgrades", "way", "firstRequest").GetProperty("outcome").GetString());
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("certificate").ValueKind);
    }

    [Fact]
    public async Task Probe_ServerOfHttps_DoesNotUpgrade()
    {
        await using var server = await UpgradeServer.StartAsync(
            isUpgradable: false,
            endpoint: listen => listen.UseHttps(TestCertificates.Server));
        var run = await ProbeAsync(server);
        Assert.Equal(1, run.ExitCode);
        Assert.True(run.Find("directTls", "protocol", "HTTP/2").GetProperty("isServed").GetBoolean());
    }

    [Fact]
    public async Task Probe_ForPeople_TellsTheSame()
    {
        await using var server = await UpgradeServer.StartAsync();
        using var files = new TempFiles();
        var run = await ToolRun.RunProcessAsync("probe", $"http://localhost:{server.Port}/", "--cacert", files.Root);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.DoesNotContain('\x1b', run.Output);
        string[] lines = run.Output.Split('\n');
        Assert.DoesNotContain(lines, line => line.TrimEnd('\r').EndsWith(' '));
        Assert.Contains(lines, line => Words(line) == "GET / 200 OK, Server: Kestrel");
        Assert.Contains(lines, line => Words(line).StartsWith("GET /, first yes 101 TLS/1.3, HTTP/1.1; TLS 1.3, TLS_", StringComparison.Ordinal));
        Assert.Contains(lines, line => Words(line) == "TLS/9.9 no OPTIONS *: 200");
        Assert.Contains(lines, line => Words(line) == "names localhost, a.test, 127.0.0.1, ::1");
        Assert.Contains(lines, line => Words(line) == "for localhost yes");
        Assert.Contains(lines, line => Words(line).StartsWith("https, HTTP/2 refused ALPN h2, http/1.1", StringComparison.Ordinal));
        Assert.Contains(lines, line => Words(line).StartsWith("clear text behind it refused", StringComparison.Ordinal));
        Assert.Contains(lines, line => Words(line) == "close_notify yes");
        Assert.Contains("Upgrades to TLS.", run.Output, StringComparison.Ordinal);

        static string Words(string line) => string.Join(' ', line.Split((char[])[' ', '\r'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Probe_AsAProcess_WritesJsonAndExitCode()
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false);
        var run = await ToolRun.RunProcessAsync("probe", $"http://localhost:{server.Port}/", "--json");
        Assert.Equal((1, ""), (run.ExitCode, run.Error));
        Assert.Equal(1, run.Json.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Probe_EveryRequest_IsHarmless()
    {
        var seen = new ConcurrentBag<string>();
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any, app: app => app.Run(context =>
        {
            seen.Add($"{context.Request.Method} {context.Request.ContentLength ?? 0}");
            return context.Response.WriteAsync("x");
        }));
        await ProbeAsync(server);
        Assert.Subset(new HashSet<string> { "GET 0", "HEAD 0", "OPTIONS 0" }, seen.ToHashSet());
        Assert.Contains("GET 0", seen);
    }
}
