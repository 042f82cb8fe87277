using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Tunnel.Tests.Faults;

/// <summary>The system's resolver, and a name server that does not answer.</summary>
public sealed class SilentNameServerTests
{
    private static Task<UpgradeServer> StartAsync(NameServer server, TimeSpan timeout) => TunnelProxy.StartAsync(
        options => options.ConnectTimeout = timeout,
        services: services => services.Resolve(server),
        app: app => app.Run(context => context.Response.WriteAsync("served")));

    private static async Task<RawConnection> AskAsync(UpgradeServer proxy, string authority)
    {
        var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: a\r\n\r\n");
        return connection;
    }

    [Fact]
    public async Task P32_FortySilentNames_TheApplicationIsServedMeanwhile()
    {
        await using var origin = Origin.Echo();
        await using var names = NameServer.Start("timeout:30 attempts:1");
        await using var proxy = await StartAsync(names, RawConnection.Patience);
        var connections = new List<RawConnection>();
        for (var i = 0; i < 40; i++)
        {
            connections.Add(await AskAsync(proxy, $"n{i}.test:{origin.Port}"));
        }

        await names.AskedAsync(40);
        await using (var get = await proxy.ConnectAsync())
        {
            await get.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            Assert.Equal("served", (await get.ReadResponseAsync()).Content);
        }

        Assert.False(names.WasOnThreadPool);
        Assert.All(connections, static connection => Assert.Equal(0, connection.Socket.Available));
        names.Answer();
        foreach (var connection in connections)
        {
            Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
            await connection.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("timeout:30 attempts:1", 1)]
    [InlineData("timeout:1 attempts:1", 30)]
    public async Task P15_P32_SilentName_DnsTimeoutWhoeverGivesUpFirst(string options, int connectTimeout)
    {
        await using var names = NameServer.Start(options);
        await using var proxy = await StartAsync(names, TimeSpan.FromSeconds(connectTimeout));
        await using var connection = await AskAsync(proxy, "a.test:443");
        var response = await connection.ReadRefusalAsync();
        Assert.Equal(504, response.Status);
        Assert.Contains("error=dns_timeout", response["Proxy-Status"]);
        await proxy.EndedAsync("name_timeout");
    }
}
