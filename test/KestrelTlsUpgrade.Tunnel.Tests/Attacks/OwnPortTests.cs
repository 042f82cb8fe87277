using System.Net;
using System.Net.NetworkInformation;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Tests.Attacks;

/// <summary>
/// Ways back into the process by a tunnel, on a proxy that may reach every address and every port of the machine: a request that comes
/// by one comes from loopback, past what keeps others away.
/// </summary>
public sealed class OwnPortTests
{
    private static void AllowMachine(ConnectTunnelOptions options)
    {
        TunnelProxy.AllowLoopback(options);
        options.AllowedOwnPorts.Clear();
        options.AllowedNetworks.Add(IPNetwork.Parse("0.0.0.0/0"));
        options.AllowedNetworks.Add(IPNetwork.Parse("::/0"));
    }

    private static Task<UpgradeServer> StartProxyAsync(
        Action<ConnectTunnelOptions>? configure = null, FakeResolver? resolver = null) =>
        TunnelProxy.StartClosedAsync(
            options =>
            {
                AllowMachine(options);
                configure?.Invoke(options);
            },
            services: services => services.Resolve(resolver ?? new FakeResolver()));

    private static Task<UpgradeServer> StartUpgradeServerAsync(Action<KestrelServerOptions> listen) =>
        UpgradeServer.StartAsync(builder => builder.WebHost
            .UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server)
            .ConfigureKestrel(listen));

    /// <summary>Tunnels on one endpoint, and another one beside it.</summary>
    private static Task<UpgradeServer> StartWithEndpointAsync(IPEndPoint endPoint, Action<ConnectTunnelOptions> tunnel) =>
        UpgradeServer.StartAsync(builder => builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseConnectTunnel(tunnel));
            kestrel.Listen(endPoint);
        }));

    private static string[] GetAuthorities(int port) =>
    [
        $"127.0.0.1:{port}", $"127.4.5.6:{port}", $"0.0.0.0:{port}", $"[::1]:{port}", $"[::]:{port}", $"[::ffff:127.0.0.1]:{port}",
        $"localhost:{port}", $"a.localhost:{port}", $"own.test:{port}", $"mapped.test:{port}",
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(static card => card.GetIPProperties().UnicastAddresses)
            .Where(static entry => !entry.Address.IsIPv6LinkLocal)
            .Select(entry => new IPEndPoint(entry.Address, port).ToString()),
    ];

    /// <summary>Another host in the process, on all addresses and a port that is known once it listens.</summary>
    [Fact]
    public async Task P12_PortOfAnotherHost_403ByWhateverNameAndServedWhereItIsNamed()
    {
        await using var server = await StartUpgradeServerAsync(static kestrel => kestrel.ListenAnyIP(0));
        var resolver = new FakeResolver().Add("own.test", ["127.0.0.1", "::1"]).Add("mapped.test", ["::ffff:127.0.0.1"]);
        await using var closed = await StartProxyAsync(resolver: resolver);
        foreach (var authority in GetAuthorities(server.Port))
        {
            var response = await closed.RefusedTargetAsync(authority);
            Assert.True(response.Status == 403, $"{authority}: {response.StatusLine}");
        }

        await using var open = await StartProxyAsync(options => options.AllowedOwnPorts.Add(server.Port), resolver);
        await using var connection = await open.TunnelAsync($"own.test:{server.Port}");
        await connection.UpgradeAsync();
        Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("127.0.0.1")]
    public async Task P12_OtherEndpointOfTheHost_403UnlessItIsNamed(string address)
    {
        var port = FreePort.Find();
        await using (var closed = await StartWithEndpointAsync(new(IPAddress.Parse(address), port), AllowMachine))
        {
            Assert.Equal(403, (await closed.RefusedTargetAsync($"127.0.0.1:{port}")).Status);
            Assert.Equal(403, (await closed.RefusedTargetAsync($"[::ffff:127.0.0.1]:{port}")).Status);
        }

        await using var open = await StartWithEndpointAsync(new(IPAddress.Parse(address), port), options =>
        {
            AllowMachine(options);
            options.AllowedOwnPorts.Add(port);
        });
        await using var connection = await open.TunnelAsync($"127.0.0.1:{port}");
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task P12_TunnelItself_403EvenWhereItIsNamed()
    {
        await using var proxy = await TunnelProxy.StartAsync();
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"127.0.0.1:{proxy.Port}")).Status);
        Assert.Equal(403, (await proxy.RefusedTargetAsync($"localhost:{proxy.Port}")).Status);
    }

    /// <summary>Nothing listens there at first, and nothing does afterwards.</summary>
    [Fact]
    public async Task P12_HostThatStartsLater_403WhileItListens()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system does not tell what another host listens on.");
        var port = FreePort.Find();
        await using var proxy = await StartProxyAsync();
        Assert.Equal(502, (await proxy.RefusedTargetAsync($"127.0.0.1:{port}")).Status);
        await using (await StartUpgradeServerAsync(kestrel => kestrel.ListenLocalhost(port)))
        {
            await AnsweredAsync(proxy, port, 403);
        }

        await AnsweredAsync(proxy, port, 502);
    }

    [Fact]
    public async Task P12_ListenerThatIsNotKestrels_403()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The system does not tell what else listens in the process.");
        await using var origin = Origin.Echo("127.0.0.5");
        await using var proxy = await StartProxyAsync();
        Assert.Equal(403, (await proxy.RefusedTargetAsync(origin.Authority)).Status);

        // Nobody listens on that address of the machine: it is not this process that is refused, but the connection.
        Assert.Equal(502, (await proxy.RefusedTargetAsync($"127.0.0.6:{origin.Port}")).Status);
        Assert.Equal(0, origin.Count);
    }

    [Fact]
    public async Task P12_NameWithAnotherAddressBeside_LeadsToThatOneOnly()
    {
        await using var server = await StartUpgradeServerAsync(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var resolver = new FakeResolver().Add("own.test", ["127.0.0.1", "127.0.0.9"]);
        await using var proxy = await StartProxyAsync(resolver: resolver);
        Assert.Equal(502, (await proxy.RefusedTargetAsync($"own.test:{server.Port}")).Status);
    }

    [Fact]
    public async Task P12_PortOfAnotherProcess_IsReached()
    {
        await using var peer = await PeerProcess.StartTinyproxyAsync();
        await using var proxy = await StartProxyAsync();
        await using var connection = await proxy.TunnelAsync($"127.0.0.1:{peer.Port}");
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.", await connection.ReadHeadAsync());
    }

    /// <summary>The next proxy may be on this machine. It is asked for the destination that the caller named.</summary>
    [Fact]
    public async Task P12_ThroughNextProxy_PortOfTheProcessIsNotAskedFor()
    {
        await using var server = await StartUpgradeServerAsync(static kestrel => kestrel.ListenAnyIP(0));
        await using var next = Origin.Echo();
        await using var proxy = await StartProxyAsync(options => options.UpstreamProxy = new Uri($"http://127.0.0.1:{next.Port}"));
        foreach (var host in new[] { "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost" })
        {
            Assert.Equal(403, (await proxy.RefusedTargetAsync($"{host}:{server.Port}")).Status);
        }

        Assert.Equal(0, next.Count);
    }

    private static async Task AnsweredAsync(UpgradeServer proxy, int port, int status)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        while ((await AskAsync(proxy, port)) != status)
        {
            Assert.True(patience.Elapsed < RawConnection.Patience, $"It is never answered with {status}.");
        }
    }

    private static async Task<int> AskAsync(UpgradeServer proxy, int port)
    {
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: a.test\r\n\r\n");
        return (await connection.ReadResponseAsync(toHead: true)).Status;
    }
}
