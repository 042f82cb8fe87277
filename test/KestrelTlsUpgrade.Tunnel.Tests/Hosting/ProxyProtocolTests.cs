using System.Net;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Tests.Hosting;

/// <summary>Tunnels behind a load balancer that speaks the PROXY protocol: the caller is its client.</summary>
public sealed class ProxyProtocolTests
{
    private const string Header = "PROXY TCP4 192.0.2.1 198.51.100.7 56324 8080\r\n";

    private static void UseProxyProtocol(ListenOptions listen) => listen.UseProxyProtocol(static options => options.KnownProxies.Add(IPAddress.Loopback));

    private static string Connect(string authority) => $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n";

    [Fact]
    public async Task Tunnel_CallerIsTheClient()
    {
        EndPoint? caller = null;
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.Authorize = context =>
            {
                caller = context.Caller;
                return new(ConnectTunnelAuthorizationResult.Allow);
            },
            endpoint: UseProxyProtocol);
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Header + Connect(origin.Authority) + "hello");
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\n", await connection.ReadHeadAsync());
        Assert.Equal("hello", Encoding.ASCII.GetString(await connection.ReadAsync(5)));
        Assert.Equal(IPEndPoint.Parse("192.0.2.1:56324"), caller);
    }

    /// <summary>Everybody comes from the balancer's address, which may be this machine's own: that must not make them local.</summary>
    [Theory]
    [InlineData(Header, 403)]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 56324 8080\r\n", 200)]
    public async Task Defaults_OnlyClientsOfThisMachineMayCall(string header, int status)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(endpoint: UseProxyProtocol);
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(header + Connect(origin.Authority));
        Assert.Equal(status, (await connection.ReadResponseAsync(toHead: true)).Status);
    }

    /// <summary>The port that counts is this server's, not the balancer's: whoever got back in could write a header of his own.</summary>
    [Fact]
    public async Task P12_TunnelToItself_IsRefused()
    {
        await using var proxy = await TunnelProxy.StartAsync(endpoint: UseProxyProtocol);
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("PROXY TCP4 127.0.0.1 127.0.0.1 56324 8080\r\n" + Connect($"127.0.0.1:{proxy.Port}"));
        Assert.Equal(403, (await connection.ReadResponseAsync(toHead: true)).Status);
    }

    /// <summary>The tunnels of the whole host come with the endpoint defaults, before the endpoint's own code.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HostWideTunnels_HeaderGoesFirst(bool isUpgradable)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseConnectTunnel(TunnelProxy.AllowLoopback);
            if (isUpgradable)
            {
                builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            }

            builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, UseProxyProtocol));
        });
        await AssertHeaderComesFirstAsync(proxy, origin);
    }

    /// <summary>Nothing but the endpoint's own code: the services know of neither package.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EndpointOnly_HeaderGoesFirstInAnyOrder(bool isTunnelFirst)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await UpgradeServer.StartAsync(builder => builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (isTunnelFirst)
                {
                    listen.UseConnectTunnel(TunnelProxy.AllowLoopback);
                    UseProxyProtocol(listen);
                }
                else
                {
                    UseProxyProtocol(listen);
                    listen.UseConnectTunnel(TunnelProxy.AllowLoopback);
                }
            })));
        await AssertHeaderComesFirstAsync(proxy, origin);
    }

    private static async Task AssertHeaderComesFirstAsync(UpgradeServer proxy, Origin origin)
    {
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("PROXY TCP4 127.0.0.1 127.0.0.1 56324 8080\r\n" + Connect(origin.Authority));
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);

        await using var direct = await proxy.ConnectAsync();
        await direct.SendAsync(Connect(origin.Authority));
        Assert.Empty(await direct.ReadToEndAsync());
        await proxy.Log.WaitForAsync(static line => line.Id.Name == "HeaderInvalid");
    }
}
