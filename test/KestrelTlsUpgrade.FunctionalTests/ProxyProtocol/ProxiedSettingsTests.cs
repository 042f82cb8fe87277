using System.Net;
using System.Net.NetworkInformation;
using System.Net.Security;
using System.Net.Sockets;
using KestrelTlsUpgrade.ProxyProtocol;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using static KestrelTlsUpgrade.FunctionalTests.ProxyProtocol.ProxiedServer;

namespace KestrelTlsUpgrade.FunctionalTests.ProxyProtocol;

/// <summary>Settings from the configuration, and the PROXY protocol on all endpoints of a host.</summary>
public sealed class ProxiedSettingsTests
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private const string TrustHost = "ProxyProtocol:KnownProxies=127.0.0.1";
    private const string Web = "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0";
    private const string TrustWeb = "Kestrel:Endpoints:Web:ProxyProtocol:KnownProxies=127.0.0.1";

    [Theory]
    [InlineData(TrustHost)]
    [InlineData("ProxyProtocol:KnownProxies:0=127.0.0.1")]
    [InlineData("ProxyProtocol:KnownIPNetworks:0=127.0.0.0/8")]
    [InlineData(TrustWeb)]
    public async Task SectionOfHostOrEndpoint_IsRead(string trust)
    {
        await using var server = await StartAsync([Web, trust], static builder => builder.WebHost.UseProxyProtocol());
        await AssertReadsHeaderAsync(server);
    }

    [Fact]
    public async Task Urls_AreReached()
    {
        await using var server = await StartAsync(
            [TrustHost], static builder => builder.WebHost.UseUrls("http://127.0.0.1:0").UseProxyProtocol());
        await AssertReadsHeaderAsync(server);
    }

    [Fact]
    public async Task EndpointInCodeWithoutSettings_ReadsTheSections()
    {
        await using var server = await StartAsync([TrustHost], static builder => builder.WebHost.ConfigureKestrel(
            static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.UseProxyProtocol())));
        await AssertReadsHeaderAsync(server);
    }

    /// <summary>An endpoint with either list replaces both of the host, so that it can trust less than the host does.</summary>
    [Fact]
    public async Task SectionOfEndpoint_ReplacesTheHostsTrust()
    {
        await using var server = await StartAsync(
            [Web, "ProxyProtocol:KnownIPNetworks:0=127.0.0.0/8", "Kestrel:Endpoints:Web:ProxyProtocol:KnownProxies=127.0.0.9"],
            static builder => builder.WebHost.UseProxyProtocol());
        await AssertClosedAsync(server, "SourceNotTrusted");
    }

    [Fact]
    public async Task Code_GoesOverTheConfiguration()
    {
        await using var server = await StartAsync(
            [Web, "ProxyProtocol:KnownProxies=127.0.0.9", "ProxyProtocol:HeaderTimeout=00:00:01"],
            static builder => builder.WebHost.UseProxyProtocol(static options =>
            {
                Assert.Equal(TimeSpan.FromSeconds(1), options.HeaderTimeout);
                Assert.Equal([IPAddress.Parse("127.0.0.9")], options.KnownProxies);
                options.KnownProxies.Clear();
                TrustLoopback(options);
            }));
        await AssertReadsHeaderAsync(server);
    }

    [Fact]
    public async Task HeaderTimeout_IsRead()
    {
        await using var server = await StartAsync(
            [Web, TrustHost, "ProxyProtocol:HeaderTimeout=00:00:00.001"], static builder => builder.WebHost.UseProxyProtocol());
        await using var connection = await server.ConnectAsync();
        Assert.Empty(await connection.ReadToEndAsync());
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "HeaderInvalid");
        Assert.Contains("time", line.Message);
    }

    [Fact]
    public async Task EndpointThatIsNotEnabled_IsReachedDirectly()
    {
        await using var server = await StartAsync(
            [
                TrustHost,
                "Kestrel:Endpoints:Direct:Url=http://127.0.0.1:0",
                "Kestrel:Endpoints:Direct:ProxyProtocol:Enabled=false",
                "Kestrel:Endpoints:Web:Url=http://127.0.0.2:0",
            ],
            static builder => builder.WebHost.UseProxyProtocol());
        await using var direct = await RawConnection.OpenAsync(EndPointOf(server, "127.0.0.1"));
        await direct.SendAsync(Get);
        Assert.Equal($"/x  {OwnText(direct)}", (await direct.ReadResponseAsync()).Content);

        await using var closed = await RawConnection.OpenAsync(EndPointOf(server, "127.0.0.2"));
        await closed.SendAsync(Get);
        Assert.Empty(await closed.ReadToEndAsync());
    }

    /// <summary>The header comes before TLS.</summary>
    [Fact]
    public async Task HttpsEndpoint_IsReached()
    {
        await using var server = await StartAsync([TrustHost], static builder => builder.WebHost.UseProxyProtocol().ConfigureKestrel(
            static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.UseHttps(TestCertificates.Server))));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(2));
        await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
        await connection.SendAsync(Get);
        Assert.Equal($"/x  {ProxiedText}", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WithTheUpgradeOfTheHost_HeaderGoesFirstInAnyOrder(bool isUpgradeFirst)
    {
        await using var server = await StartAsync([Web, TrustHost], builder =>
        {
            if (isUpgradeFirst)
            {
                UseTlsUpgrade(builder);
                builder.WebHost.UseProxyProtocol();
            }
            else
            {
                builder.WebHost.UseProxyProtocol();
                UseTlsUpgrade(builder);
            }
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(1));
        await connection.UpgradeAsync();
        Assert.Equal($"/x Upgraded {ProxiedText}", (await connection.ReadResponseAsync()).Content);

        static void UseTlsUpgrade(WebApplicationBuilder builder) =>
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
    }

    [Theory]
    [InlineData("ProxyProtocol:KnownProxy=127.0.0.1", "ProxyProtocol:KnownProxy is not a setting. Did you mean KnownProxies?")]
    [InlineData("ProxyProtocol:KnownProxies=10", "ProxyProtocol:KnownProxies is '10'.")]
    [InlineData("ProxyProtocol:Enabled=no", "ProxyProtocol:Enabled is 'no'. Use true, false.")]
    [InlineData("Kestrel:Endpoints:Web:ProxyProtocol:Trust=all", "Kestrel:Endpoints:Web:ProxyProtocol:Trust is not a setting.")]
    [InlineData("Kestrel:Endpoints:Web:ProxyProtocol:KnownIPNetworks:0=10/8", "Kestrel:Endpoints:Web:ProxyProtocol:KnownIPNetworks:0 is '10/8'.")]
    [InlineData("Kestrel:Endpoints:Web:ProxyProtocol=true", "Kestrel:Endpoints:Web:ProxyProtocol is 'true'.")]
    public async Task SettingThatCannotBeTaken_DoesNotStartAndNamesIt(string setting, string expected)
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
            [Web, "ProxyProtocol:HeaderTimeout=00:00:01", "Kestrel:Endpoints:Web:ProxyProtocol:HeaderTimeout=00:00:02", setting],
            static builder => builder.WebHost.UseProxyProtocol(TrustLoopback)));
        Assert.Contains(expected, exception.Message);
    }

    [Fact]
    public async Task ValidatorOfTheApplication_IsAsked()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync([Web, TrustHost], static builder =>
        {
            builder.WebHost.UseProxyProtocol();
            builder.Services.AddOptions<ProxyProtocolOptions>().Validate(static options => options.KnownProxies.Count > 1, "Name both proxies.");
        }));
        Assert.Contains("Name both proxies.", exception.Message);
    }

    [Fact]
    public async Task NobodyTrusted_DoesNotStart()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StartAsync([Web], static builder => builder.WebHost.UseProxyProtocol()));
        Assert.Contains("trusts nobody", exception.Message);
    }

    [Fact]
    public async Task TwoEndpointsWithOneAddress_DoNotStart()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(
            [Web, TrustWeb, "Kestrel:Endpoints:Other:Url=http://127.0.0.1:0"], static builder => builder.WebHost.UseProxyProtocol()));
        Assert.Contains("Kestrel:Endpoints:Other and Kestrel:Endpoints:Web have the same address", exception.Message);
    }

    [Fact]
    public async Task UnixSocket_IsLeftAloneUnlessItHasASection()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string[] settings = [TrustHost, Web, $"Kestrel:Endpoints:Local:Url=http://unix:{path}"];
        await using (var server = await StartAsync(settings, static builder => builder.WebHost.UseProxyProtocol(), UpgradeServer.Describe))
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), TestContext.Current.CancellationToken);
            await using var connection = new NetworkStream(socket);
            await connection.WriteAsync("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(connection);
            Assert.StartsWith("HTTP/1.1 ", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(
            [.. settings, "Kestrel:Endpoints:Local:ProxyProtocol:HeaderTimeout=00:00:01"], static builder => builder.WebHost.UseProxyProtocol()));
        Assert.Contains("no address", exception.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EndpointDefaultsOfTheApplication_DoNotStartUnlessTheyCallIt(bool isHttps)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(isCalled: false));
        Assert.Contains("UseProxyProtocol() does not reach", exception.Message);
        await using var server = await StartAsync(isCalled: true);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get);
        Assert.Empty(await connection.ReadToEndAsync());

        Task<UpgradeServer> StartAsync(bool isCalled) => ProxiedSettingsTests.StartAsync([TrustHost], builder =>
        {
            builder.WebHost.UseProxyProtocol();
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.ConfigureEndpointDefaults(listen =>
                {
                    if (isCalled)
                    {
                        listen.UseProxyProtocol();
                    }
                });
                kestrel.Listen(IPAddress.Loopback, 0, listen =>
                {
                    if (isHttps)
                    {
                        listen.UseHttps(TestCertificates.Server);
                    }
                });
            });
        });
    }

    [Fact]
    public async Task Http3OfAnEndpointThatIsNotEnabled_IsLeftAlone()
    {
        await using var server = await StartAsync(
            [TrustHost, "ProxyProtocol:Enabled=false"],
            static builder => builder.WebHost.UseProxyProtocol().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0, static listen =>
            {
                listen.UseHttps(TestCertificates.Server);
                listen.Protocols = HttpProtocols.Http1AndHttp2AndHttp3;
            })));
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
        await connection.SendAsync(Get);
        Assert.Equal($"/x  {OwnText(connection)}", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>Kestrel restarts an endpoint whose section has changed. One that cannot be read keeps it closed.</summary>
    [Theory]
    [InlineData("127.0.0.9", true)]
    [InlineData("10", false)]
    public async Task ChangedSectionOfTheEndpoint_IsReadAgain(string trusted, bool isRight)
    {
        ConfigurationManager? configuration = null;
        var port = FreePort.Find();
        await using var server = await StartAsync([$"Kestrel:Endpoints:Web:Url=http://127.0.0.1:{port}", TrustWeb], builder =>
        {
            configuration = builder.Configuration;
            builder.WebHost.UseProxyProtocol();
        });
        await AssertReadsHeaderAsync(server);
        server.IsExpected = _ => !isRight;
        configuration!["Kestrel:Endpoints:Web:ProxyProtocol:KnownProxies"] = trusted;
        ((IConfigurationRoot)configuration).Reload();
        if (isRight)
        {
            await server.Log.WaitForAsync(static line => line.Message.Contains("Starting the following endpoints", StringComparison.Ordinal));
            await Settling.UntilAsync(() => IsListening(port), static () => "an endpoint that does not listen again");
            await AssertClosedAsync(server, "SourceNotTrusted");
        }
        else
        {
            await server.Log.WaitForAsync(static line => line.Exception is OptionsValidationException);
            await Assert.ThrowsAsync<SocketException>(() => RawConnection.OpenAsync(new IPEndPoint(IPAddress.Loopback, port)));
        }
    }

    [Fact]
    public async Task NotKestrel_IsWarnedOf()
    {
        await using var server = await StartAsync([], static builder => builder.WebHost.UseProxyProtocol().UseTestServer());
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name == "NotKestrel");
        Assert.Equal((LogLevel.Warning, "KestrelTlsUpgrade.ProxyProtocol"), (line.Level, line.Category));
    }

    [Fact]
    public void NoArguments_Throw()
    {
        Assert.Throws<ArgumentNullException>(static () => ListenOptionsProxyProtocolExtensions.UseProxyProtocol(null!));
        Assert.Throws<ArgumentNullException>(static () => WebHostBuilderProxyProtocolExtensions.UseProxyProtocol(null!));
        Assert.Throws<ArgumentNullException>(static () => WebApplication.CreateEmptyBuilder(new()).WebHost.UseProxyProtocol(null!));
    }

    private static async Task AssertReadsHeaderAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Header(2));
        await connection.SendAsync(Get);
        Assert.Equal($"/x  {ProxiedText}", (await connection.ReadResponseAsync()).Content);
        await AssertClosedAsync(server, "HeaderInvalid");
    }

    private static async Task AssertClosedAsync(UpgradeServer server, string reason)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Get);
        Assert.Empty(await connection.ReadToEndAsync());
        await server.Log.WaitForAsync(line => line.Id.Name == reason);
    }

    private static bool IsListening(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);

    private static IPEndPoint EndPointOf(UpgradeServer server, string address) =>
        IPEndPoint.Parse(new Uri(Assert.Single(server.Addresses, announced => announced.Contains(address, StringComparison.Ordinal))).Authority);

    private static Task<UpgradeServer> StartAsync(
        IEnumerable<string> settings, Action<WebApplicationBuilder> configure, Action<WebApplication>? app = null) => UpgradeServer.StartAsync(
        builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings.Select(static setting => setting.Split('=', 2))
                .ToDictionary(static pair => pair[0], static string? (pair) => pair[1]));
            builder.WebHost.ConfigureKestrel(static (context, kestrel) =>
                kestrel.Configure(context.Configuration.GetSection("Kestrel"), reloadOnChange: true));
            configure(builder);
        },
        app ?? Describe);
}
