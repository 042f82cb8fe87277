using KestrelTlsUpgrade.FunctionalTests.Observation;
using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.FunctionalTests.ProxyProtocol.ProxiedServer;

namespace KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;

/// <summary>Kestrel's own metrics, whose tags name the address that a connection was accepted at.</summary>
public sealed class ProxiedMetricsTests
{
    private const string Meter = "Microsoft.AspNetCore.Server.Kestrel";

    /// <summary>
    /// Kestrel counts a connection in before its header and out after its end. Under another address it would be counted out elsewhere,
    /// and never end here.
    /// </summary>
    [Fact]
    public async Task ProxiedConnection_IsCountedOutAtTheAddressWhereItWasCountedIn()
    {
        await using var server = await StartAsync();
        using var active = new Measurements<long>(server, "kestrel.active_connections", Meter);
        using var duration = new Measurements<double>(server, "kestrel.connection.duration", Meter);
        await using (var connection = await server.ConnectAsync())
        {
            await connection.SendAsync(Header(2));
            await connection.UpgradeAsync();
            Assert.Equal($"/x Upgraded {ProxiedText}", (await connection.ReadResponseAsync()).Content);
        }

        var tags = $"network.transport=tcp network.type=ipv4 server.address=127.0.0.1 server.port={server.Port}";
        Assert.Equal([tags, tags], await active.WaitForAsync(2));
        Assert.Equal([1, -1], active.All.Select(static measurement => measurement.Value));
        Assert.Contains($"server.address=127.0.0.1 server.port={server.Port} ", Assert.Single(await duration.WaitForAsync(1)));
    }

    /// <summary>What is measured of TLS is measured where the client connected to.</summary>
    [Fact]
    public async Task Handshake_IsMeasuredAtTheClientsDestination()
    {
        await using var server = await StartAsync();
        using var handshake = new Measurements<double>(server, "kestrel.tls_handshake.duration", Meter);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(1));
        await connection.UpgradeAsync();
        Assert.Contains($"server.address={Front.Address} server.port={Front.Port} ", Assert.Single(await handshake.WaitForAsync(1)));
    }
}
