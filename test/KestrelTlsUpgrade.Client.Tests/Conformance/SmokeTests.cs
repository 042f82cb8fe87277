using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

public sealed class SmokeTests
{
    [Theory]
    [InlineData(UpgradeClients.Compatible)]
    [InlineData(UpgradeClients.AwareOnly)]
    public async Task Get_OwnServer_Upgraded(UpgradeClients clients)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.AcceptedClients = clients);
        using var client = TestClient.Create();
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync($"http://localhost:{server.Port}/x");
            var text = await response.Content.ReadAsStringAsync();
            Assert.Contains("scheme=https state=Upgraded token=TLS/1.3 replayed=False aware=True", text);
            var info = response.GetTlsUpgradeInfo();
            Assert.True(info.IsUpgraded);
            Assert.Equal("TLS/1.3", info.Token);
        }
    }
}
