using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;

namespace KestrelTlsUpgrade.Client.Tests.Interop;

/// <summary>Real proxies before our own server (RFC 2817 section 5).</summary>
public sealed class ProxyProgramTests
{
    private static HttpClient CreateClient(int port, ICredentials? credentials = null, TlsUpgradeMode mode = TlsUpgradeMode.Required) =>
        TestClient.Create(mode, handler: handler =>
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy($"http://127.0.0.1:{port}") { Credentials = credentials };
        });

    private static async Task AssertTunnelledAsync(HttpClient client)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.AcceptedClients = TlsUpgradeClientMode.AwareOnly);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.PostAsync($"http://localhost:{server.Port}/x", new StringContent("content"));
            Assert.Contains("POST /x scheme=https state=Upgraded", await response.Content.ReadAsStringAsync());
            Assert.True(response.GetTlsUpgradeInfo() is { IsUpgraded: true, IsTunnelled: true });
        }
    }

    [Fact]
    public async Task Squid_Tunnels()
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: false);
        using var client = CreateClient(squid.Port);
        await AssertTunnelledAsync(client);
    }

    [Fact]
    public async Task Squid_WithPassword_Tunnels()
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: true);
        using var client = CreateClient(squid.Port, new NetworkCredential("user", "secret"));
        await AssertTunnelledAsync(client);
    }

    [Fact]
    public async Task Squid_WithoutThePassword_FailsAndSaysByWhom()
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: true);
        using var client = CreateClient(squid.Port);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://localhost:9/"));
        Assert.Equal(HttpRequestError.ProxyTunnelError, exception.HttpRequestError);
        Assert.Equal(HttpStatusCode.ProxyAuthenticationRequired, exception.StatusCode);
        Assert.Contains($"127.0.0.1:{squid.Port}", exception.Message);
    }

    [Fact]
    public async Task Tinyproxy_Tunnels()
    {
        await using var tinyproxy = await PeerProcess.StartTinyproxyAsync();
        using var client = CreateClient(tinyproxy.Port);
        await AssertTunnelledAsync(client);
    }

    [Fact]
    public async Task Squid_RequiredResourceAndOnDemand_UpgradesAfterTheDemand()
    {
        await using var squid = await PeerProcess.StartSquidAsync(withPassword: false);
        await using var server = await UpgradeServer.StartAsync(app: static (WebApplication app) =>
        {
            app.RequireTlsUpgrade();
            UpgradeServer.Describe(app);
        });
        using var client = CreateClient(squid.Port, mode: TlsUpgradeMode.OnDemand);
        using var response = await client.PostAsync($"http://localhost:{server.Port}/x", new StringContent("content"));
        Assert.Contains("state=Upgraded", await response.Content.ReadAsStringAsync());
        Assert.True(response.GetTlsUpgradeInfo().IsTunnelled);
    }
}
