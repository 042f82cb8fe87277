using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>What the README says of the quick start.</summary>
public sealed class QuickStartTests
{
    private static readonly string[] Settings = ["--Kestrel:Endpoints:Web:Url=http://127.0.0.1:0"];

    [Fact]
    public async Task Browser_SecretPageByHttp_EndsOnHttps()
    {
        Peers.Require("chromium");
        await using var sample = await SampleProcess.StartAsync("QuickStart", Settings);
        var document = await Chromium.OpenAsync($"http://127.0.0.1:{sample.Port}/secret");
        Assert.Contains("This page is served over TLS only.", document);
        Assert.Contains("HTTP/2 with scheme https", document);
        Assert.Contains("DirectTls", document);
    }

    [Fact]
    public async Task OneConnection_RefusedUpgradedServed()
    {
        await using var sample = await SampleProcess.StartAsync("QuickStart", Settings);
        await using var connection = await RawConnection.OpenAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, sample.Port));
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("This request arrived: Plaintext", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        await connection.UpgradeAsync(Request(target: "/secret"));
        Assert.Contains("This request arrived: Upgraded", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("\"callers\"", (await connection.ReadResponseAsync()).Content);
    }
}
