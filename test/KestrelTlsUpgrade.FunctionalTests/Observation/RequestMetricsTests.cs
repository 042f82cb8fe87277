using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>How requests arrived, and which were refused because of that.</summary>
public sealed class RequestMetricsTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_IsCountedByHowItArrived(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        using var requests = new Measurements<long>(server, "tls_upgrade.server.requests");
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        await connection.ReadResponseAsync();
        await connection.SendAsync(Get);
        await connection.ReadResponseAsync();
        string[] inClearText = later ? ["tls_upgrade.state=plaintext", "tls_upgrade.state=plaintext"] : [];
        var arrived = await requests.WaitForAsync(inClearText.Length + 2);
        Assert.Equal([.. inClearText, "tls_upgrade.replayed=True tls_upgrade.state=upgraded", "tls_upgrade.state=upgraded"], arrived);
    }

    [Fact]
    public async Task Request_OfDirectTls_IsCounted()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        using var requests = new Measurements<long>(server, "tls_upgrade.server.requests");
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync(Get);
        await connection.ReadResponseAsync();
        Assert.Equal(["tls_upgrade.state=direct_tls"], await requests.WaitForAsync(1));
    }

    [Fact]
    public async Task Request_ToAnotherEndpoint_IsNotCounted()
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false);
        using var requests = new Measurements<long>(server, "tls_upgrade.server.requests");
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        using var kestrel = new Measurements<double>(server, "kestrel.connection.duration", "Microsoft.AspNetCore.Server.Kestrel");
        await using (var connection = await server.ConnectAsync())
        {
            await connection.SendAsync(Get);
            await connection.ReadResponseAsync();
        }

        Assert.DoesNotContain("tls_upgrade", Assert.Single(await kestrel.WaitForAsync(1)));
        Assert.Empty(requests.All);
        Assert.Empty(connections.All);
    }

    [Theory]
    [InlineData("", 426, "TlsRequired")]
    [InlineData("Upgrade-Insecure-Requests: 1\r\n", 307, "RedirectedToHttps")]
    public async Task Refusal_OfClearText_IsCountedAndLogged(string fields, int status, string eventName)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.DirectTls = DirectTlsMode.Any,
            app: app => app.RequireTlsUpgrade());
        using var refusals = new Measurements<long>(server, "tls_upgrade.server.refusals");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret?key=value HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        Assert.Equal([$"http.response.status_code={status}"], await refusals.WaitForAsync(1));
        var line = await server.Log.WaitForAsync(line => line.Id.Name == eventName);
        Assert.Equal(LogLevel.Debug, line.Level);
        Assert.DoesNotContain("secret", line.Message);
    }

    [Fact]
    public async Task Refusal_OverHttp2InClearText_IsCounted()
    {
        await using var server = await UpgradeServer.StartAsync(
            isUpgradable: false, endpoint: listen => listen.Protocols = HttpProtocols.Http2, app: app => app.RequireTlsUpgrade());
        using var refusals = new Measurements<long>(server, "tls_upgrade.server.refusals");
        using var client = new HttpClient { DefaultRequestVersion = new(2, 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.GetAsync(server.Addresses[0], TestContext.Current.CancellationToken);
        Assert.Equal(403, (int)response.StatusCode);
        Assert.Equal(["http.response.status_code=403"], await refusals.WaitForAsync(1));
    }

    [Fact]
    public async Task ConnectionRefused_IsLoggedWhereAnOperatorSeesIt()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeRefusedAsync(alpn: SslApplicationProtocol.Http2);
        Assert.Equal(LogLevel.Information, (await server.Log.WaitForAsync(line => line.Id.Name is "UnawareClientRefused")).Level);
    }

    /// <summary>OpenSSL, and SslStream with it, takes any byte for part of a server name.</summary>
    [Fact]
    public async Task ServerNameRefused_OfAForgedName_IsOneLineOfALog()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var relay = new UpgradingRelay(server.EndPoint, Request(), later: false);
        await Peers.RunAsync(
            "", "openssl", "s_client", "-connect", $"127.0.0.1:{relay.Port}", "-servername", "a.test\r\nfail: forged\u001b[31m");
        var line = await server.Log.WaitForAsync(line => line.Id.Name is "ServerNameRefused");
        Assert.Contains(" requested server name a.test??fail:?forged?[31m, and ", line.Message);
        Assert.DoesNotContain(line.Message, char.IsControl);
    }
}
