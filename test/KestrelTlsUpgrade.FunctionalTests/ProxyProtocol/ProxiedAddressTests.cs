using System.Net;
using System.Net.Security;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.FunctionalTests.ProxyProtocol.ProxiedServer;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;

/// <summary>The client's address, in every state of a connection and wherever the endpoint comes from.</summary>
public sealed class ProxiedAddressTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task EveryRequestInClearTextAndUpgraded_HasTheClientsAddress(int version, bool later)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(version));
        if (later)
        {
            await connection.SendAsync(Get);
            Assert.Equal($"/x Plaintext {ProxiedText}", (await connection.ReadResponseAsync()).Content);
        }

        await connection.UpgradeAsync();
        Assert.Equal($"/x Upgraded {ProxiedText}", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync(Get);
        Assert.Equal($"/x Upgraded {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task DirectTls_HasTheClientsAddress(int version)
    {
        await using var server = await StartAsync(upgrade: options => options.DirectTls = DirectTlsMode.Any);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(version));
        await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
        await connection.SendAsync(Get);
        Assert.Equal($"/x DirectTls {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task DirectTlsWithHttp2_HasTheClientsAddress()
    {
        await using var server = await StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = await server.ConnectAsync();
                await connection.SendAsync(Header(2));
                return connection.Wire;
            },
        })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Assert.Equal($"/x DirectTls {ProxiedText}", await client.GetStringAsync($"https://localhost:{server.Port}/x", TestContext.Current.CancellationToken));
    }

    /// <summary>The first request is looked at where the header ends, so that it is upgraded before Kestrel sees it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task HeaderAndUpgradeInOnePiece_IsUpgradedAsFirstRequest(int version)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Encoding.Latin1.GetString(Header(version)) + Request());
        Assert.Equal($"/x Upgraded {ProxiedText}", (await connection.ReadResponseAsync()).Content);
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "Upgraded");
        Assert.Contains("First request: True", line.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task HeaderByteByByte_IsTaken(int version)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        foreach (var one in Header(version))
        {
            byte[] bytes = [one];
            await connection.SendAsync(bytes);
        }

        await connection.SendAsync(Get);
        Assert.Equal($"/x Plaintext {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>Timeouts are looked at with each heartbeat, of which one is over when the next begins.</summary>
    [Fact]
    public async Task NoHeaderTimeout_HeaderIsWaitedFor()
    {
        using var probe = new ConnectionProbe();
        await using var server = await StartAsync(
            static options =>
            {
                TrustLoopback(options);
                options.HeaderTimeout = Timeout.InfiniteTimeSpan;
            },
            endpoint: probe.Attach);
        await using var connection = await server.ConnectAsync();
        await probe.HeartbeatAsync();
        await probe.HeartbeatAsync();
        await connection.SendAsync(Header(2));
        await connection.SendAsync(Get);
        Assert.Equal($"/x Plaintext {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>Longer than a block of Kestrel's memory, so that it comes in many.</summary>
    [Fact]
    public async Task LongestHeader_IsTaken()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(ProxyHeaders.Block(ProxiedServer.Client, Front, ProxyHeaders.Field(0xE0, new byte[65520])));
        await connection.SendAsync(Get);
        Assert.Equal($"/x Plaintext {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN ff::1 ff::2 1 2\r\n")]
    [InlineData("LOCAL")]
    [InlineData("UDP")]
    public async Task HeaderWithoutAddresses_ConnectionKeepsItsOwn(string kind)
    {
        var header = kind switch
        {
            "LOCAL" => ProxyHeaders.Block(ProxyHeaders.Local, 0, []),
            "UDP" => ProxyHeaders.Block(ProxyHeaders.Proxy, 0x12, new byte[12]),
            _ => Encoding.ASCII.GetBytes(kind),
        };
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(header);
        await connection.SendAsync(Get);
        Assert.Equal($"/x Plaintext {OwnText(connection)}", (await connection.ReadResponseAsync()).Content);
        await connection.UpgradeAsync();
        Assert.Equal($"/x Upgraded {OwnText(connection)}", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>What a health check does that only connects: with a header and without.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectionThatOnlyOpens_EndsWithoutAWarning(bool hasHeader)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(hasHeader ? ProxyHeaders.Block(ProxyHeaders.Local, 0, []) : []);
        connection.Shutdown();
        Assert.Empty(await connection.ReadToEndAsync());
        await server.Log.WaitForAsync(line => line.Id.Name == (hasHeader ? "OwnAddresses" : "NoHeader"));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "HeaderInvalid");
    }

    [Fact]
    public async Task Https_HasTheClientsAddress()
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false, app: Describe, endpoint: static listen =>
        {
            listen.UseProxyProtocol(TrustLoopback);
            listen.UseHttps(TestCertificates.Server);
        });
        await AssertHttpsAsync(server);
    }

    /// <summary>Kestrel adds its own UseHttps() behind what an endpoint's code adds.</summary>
    [Fact]
    public async Task HttpsFromConfiguration_HasTheClientsAddress()
    {
        using var files = new CertificateFiles();
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(
                [
                    new("Kestrel:Endpoints:Web:Url", "https://127.0.0.1:0"),
                    new("Kestrel:Endpoints:Web:Certificate:Path", files.WritePfx("server.pfx", TestCertificates.Server)),
                ]);
                builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel((context, kestrel) => kestrel.Configure(context.Configuration.GetSection("Kestrel"))
                    .Endpoint("Web", static web => web.ListenOptions.UseProxyProtocol(TrustLoopback)));
            },
            Describe);
        await AssertHttpsAsync(server);
    }

    /// <summary>The upgrade of the whole host comes with the endpoint defaults, before the endpoint's own code.</summary>
    [Fact]
    public async Task HostWideUpgrade_HeaderGoesFirst()
    {
        await using var server = await UpgradeServer.StartAsync(
            static builder =>
            {
                builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
                builder.WebHost.ConfigureKestrel(static kestrel =>
                    kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.UseProxyProtocol(TrustLoopback)));
            },
            Describe);
        await AssertUpgradedAsync(server, server.EndPoint);
    }

    [Fact]
    public async Task UpgradeCalledFirst_HeaderGoesFirst()
    {
        await using var server = await StartAsync(endpoint: static listen => listen.UseTlsUpgrade());
        await AssertUpgradedAsync(server, server.EndPoint);
    }

    /// <summary>An endpoint that the upgrade leaves alone, because it is one of HTTPS.</summary>
    [Fact]
    public async Task HostWideUpgradeAndHttps_HeaderGoesFirst()
    {
        await using var server = await UpgradeServer.StartAsync(
            static builder =>
            {
                builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
                builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen =>
                {
                    listen.UseProxyProtocol(TrustLoopback);
                    listen.UseHttps(TestCertificates.Server);
                }));
            },
            Describe);
        await AssertHttpsAsync(server);
    }

    [Fact]
    public async Task CalledTwice_OneHeaderIsReadAndAllAreTrusted()
    {
        await using var server = await StartAsync(endpoint: static listen =>
            listen.UseProxyProtocol(static options => options.KnownProxies.Add(IPAddress.Parse("192.0.2.9"))));
        await AssertUpgradedAsync(server, server.EndPoint);
    }

    /// <summary>An endpoint on localhost is two, which Kestrel builds from the same settings.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task LocalhostEndpoint_BothAddressesReadIt(string address)
    {
        var port = FreePort.Find();
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Services.AddTlsUpgrade();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port, static listen =>
                {
                    listen.UseTlsUpgrade(TestCertificates.Server);
                    listen.UseProxyProtocol(static options => options.KnownIPNetworks.Add(IPNetwork.Parse("::1/128")));
                    listen.UseProxyProtocol(static options => options.KnownIPNetworks.Add(IPNetwork.Parse("127.0.0.0/8")));
                }));
            },
            Describe);
        await AssertUpgradedAsync(server, new IPEndPoint(IPAddress.Parse(address), port));
    }

    /// <summary>A socket of both versions of IP shows an IPv4 proxy as <c>::ffff:127.0.0.1</c>.</summary>
    [Fact]
    public async Task EndpointOfBothVersionsOfIP_IPv4ProxyIsKnown()
    {
        await using var server = await UpgradeServer.StartAsync(
            static builder =>
            {
                builder.Services.AddTlsUpgrade();
                builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.IPv6Any, 0, static listen =>
                {
                    listen.UseProxyProtocol(TrustLoopback);
                    listen.UseTlsUpgrade(TestCertificates.Server);
                }));
            },
            Describe);
        await AssertUpgradedAsync(server, server.EndPoint);
    }

    /// <summary>The server cannot look at the certificate of such an endpoint, and does not pass over that in silence.</summary>
    [Fact]
    public async Task HttpsBesideAnUpgradeEndpoint_CertificatesAreNotCompared()
    {
        await using var server = await UpgradeServer.StartAsync(static builder =>
        {
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(static kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.UseTlsUpgrade(TestCertificates.Server));
                kestrel.Listen(IPAddress.Loopback, 0, static listen =>
                {
                    listen.UseProxyProtocol(TrustLoopback);
                    listen.UseHttps(TestCertificates.Server);
                });
            });
        });
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "BehindProxy");
        Assert.Contains("https://127.0.0.1:", line.Message);
        await server.Log.WaitForAsync(static line => line.Id.Name == "SharedNamesChecked");
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "HeaderInvalid");
    }

    /// <summary>An endpoint that read it at the same address belonged to another host, which is over.</summary>
    [Fact]
    public async Task HttpsWhereAnotherHostReadTheProtocol_CertificatesAreCompared()
    {
        var port = FreePort.Find();
        await using var before = await StartHttpsAsync(static listen => listen.UseProxyProtocol(TrustLoopback));
        await before.StopAsync(TestContext.Current.CancellationToken);
        await using var server = await StartHttpsAsync(static _ => { });
        await server.Log.WaitForAsync(static line => line.Id.Name == "SharedNamesChecked");
        Assert.Single(server.Log.Lines, static line => line.Id.Name == "SharedName");

        Task<UpgradeServer> StartHttpsAsync(Action<ListenOptions> https) => UpgradeServer.StartAsync(builder =>
        {
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.UseTlsUpgrade(TestCertificates.Server));
                kestrel.Listen(IPAddress.Loopback, port, listen =>
                {
                    https(listen);
                    listen.UseHttps(TestCertificates.Server);
                });
            });
        });
    }

    private static async Task AssertUpgradedAsync(UpgradeServer server, IPEndPoint endPoint)
    {
        await using var connection = await RawConnection.OpenAsync(endPoint);
        await connection.SendAsync(Header(2));
        await connection.UpgradeAsync();
        Assert.Equal($"/x Upgraded {ProxiedText}", (await connection.ReadResponseAsync()).Content);
        Assert.Single(server.Log.Lines, static line => line.Id.Name == "Proxied");
    }

    private static async Task AssertHttpsAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(2));
        await connection.StartTlsAsync();
        await connection.SendAsync(Get);
        Assert.Equal($"/x  {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }
}
