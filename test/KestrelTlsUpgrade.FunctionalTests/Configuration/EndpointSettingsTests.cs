using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Settings of the host and of its endpoints, in the configuration and in code, and which of them win.</summary>
public sealed class EndpointSettingsTests : IDisposable
{
    private const string Web = "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0";

    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    /// <summary>Each place in the order says something that the one before said otherwise.</summary>
    [Theory]
    [InlineData(0, TlsUpgradeAdvertisement.Never)]
    [InlineData(1, TlsUpgradeAdvertisement.OncePerConnection)]
    [InlineData(2, TlsUpgradeAdvertisement.EveryResponse)]
    [InlineData(3, TlsUpgradeAdvertisement.OncePerConnection)]
    [InlineData(4, TlsUpgradeAdvertisement.EveryResponse)]
    public async Task Order_LaterOverEarlier(int places, TlsUpgradeAdvertisement expected)
    {
        var settings = new List<string> { Web };
        if (places >= 1)
        {
            settings.Add("TlsUpgrade:Advertise=OncePerConnection");
        }

        if (places >= 2)
        {
            settings.Add("Kestrel:Endpoints:Web:TlsUpgrade:Advertise=EveryResponse");
        }

        await using var server = await ConfiguredServer.StartAsync(
            settings,
            options =>
            {
                options.Https.ServerCertificate = TestCertificates.Server;
                options.Advertise = places >= 3 ? TlsUpgradeAdvertisement.OncePerConnection : options.Advertise;
            },
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigurationLoader!.Endpoint("Web", endpoint =>
                endpoint.ListenOptions.UseTlsUpgrade(options =>
                    options.Advertise = places >= 4 ? TlsUpgradeAdvertisement.EveryResponse : options.Advertise))));
        await using var connection = await server.ConnectAsync();
        var advertised = new List<bool>();
        for (var i = 0; i < 2; i++)
        {
            await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            advertised.Add((await connection.ReadResponseAsync())["Upgrade"] is not null);
        }

        Assert.Equal([expected is not TlsUpgradeAdvertisement.Never, expected is TlsUpgradeAdvertisement.EveryResponse], advertised);
    }

    [Fact]
    public async Task TwoEndpoints_EachHasItsOwnSettingsAndCertificate()
    {
        await using var server = await ConfiguredServer.StartAsync(
        [
            Web,
            "Kestrel:Endpoints:Other:Url=http://127.0.0.2:0",
            $"TlsUpgrade:Certificate:Path={_files.WritePfx("host.pfx", TestCertificates.Server)}",
            $"Kestrel:Endpoints:Other:TlsUpgrade:Certificate:Path={_files.WritePfx("other.pfx", TestCertificates.Other)}",
            "Kestrel:Endpoints:Other:TlsUpgrade:DirectTls=Any",
        ]);
        foreach (var (address, certificate, isDirect) in
            new[] { ("127.0.0.1", TestCertificates.Server, false), ("127.0.0.2", TestCertificates.Other, true) })
        {
            var endPoint = IPEndPoint.Parse(new Uri(server.Addresses.Single(url => url.Contains(address, StringComparison.Ordinal))).Authority);
            await using var upgraded = await RawConnection.OpenAsync(endPoint);
            await upgraded.UpgradeAsync(serverName: null);
            Assert.Equal(certificate.Thumbprint, upgraded.Tls!.RemoteCertificate!.GetCertHashString());

            await using var direct = await RawConnection.OpenAsync(endPoint);
            await direct.StartTlsAsync(serverName: null);
            await direct.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(isDirect ? 200 : 505, (await direct.ReadResponseAsync()).Status);
        }
    }

    /// <summary>As everywhere in .NET: environment variables with two underscores, and the command line.</summary>
    [Fact]
    public async Task EnvironmentAndCommandLine_AreRead()
    {
        Environment.SetEnvironmentVariable("UPGRADETEST_TlsUpgrade__Certificate__Path", _files.WritePfx("env.pfx", TestCertificates.Other));
        Environment.SetEnvironmentVariable("UPGRADETEST_Kestrel__Endpoints__Web__TlsUpgrade__Advertise", "Never");
        await using var server = await ConfiguredServer.StartAsync([Web], configure: builder =>
        {
            builder.Configuration.AddEnvironmentVariables("UPGRADETEST_");
            builder.Configuration.AddCommandLine(["--Kestrel:Endpoints:Web:TlsUpgrade:Advertise", "EveryResponse"]);
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.NotNull((await connection.ReadResponseAsync())["Upgrade"]);
        await connection.UpgradeAsync(serverName: null);
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    /// <summary>The host's certificate and server names make way together for either of an endpoint's own.</summary>
    [Theory]
    [InlineData("Certificate:Path", "localhost")]
    [InlineData("Sni:*:Certificate:Path", "localhost")]
    public async Task CertificateOrSniOfTheEndpoint_StandForBoth(string key, string host)
    {
        await using var server = await ConfiguredServer.StartAsync(
        [
            Web,
            $"TlsUpgrade:Sni:{host}:Certificate:Path={_files.WritePfx("host.pfx", TestCertificates.Server)}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:{key}={_files.WritePfx("own.pfx", TestCertificates.Other)}",
        ]);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(host: host), host);
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    [Theory]
    [InlineData(false, null, null, true)]
    [InlineData(false, "true", null, true)]
    [InlineData(true, "false", null, false)]
    [InlineData(false, "false", "true", true)]
    [InlineData(true, "true", "false", false)]
    public async Task Enabled_False_PlaintextEndpointThatNeedsNoCertificate(bool isWithout, string? host, string? own, bool isUpgraded)
    {
        string[] certificate = isWithout ? [] : [$"TlsUpgrade:Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}"];
        await using var server = await ConfiguredServer.StartAsync(
        [
            Web,
            .. certificate,
            .. host is null ? Array.Empty<string>() : [$"TlsUpgrade:Enabled={host}"],
            .. own is null ? Array.Empty<string>() : [$"Kestrel:Endpoints:Web:TlsUpgrade:Enabled={own}"],
        ]);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(isUpgraded ? 101 : 200, (await connection.ReadResponseAsync()).Status);
        if (!isUpgraded)
        {
            await using var direct = await server.ConnectAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => direct.StartTlsAsync());
        }
    }

    /// <summary>A broken certificate is no reason for an endpoint not to start that would not show it.</summary>
    [Fact]
    public async Task Enabled_False_CertificateIsNotLoaded()
    {
        await using var server = await ConfiguredServer.StartAsync(
            [Web, "TlsUpgrade:Enabled=false", "TlsUpgrade:Certificate:Path=missing.pfx"]);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Enabled_FalseInCode_CertificateOfTheConfigurationMayBeBad()
    {
        await using var server = await ConfiguredServer.StartAsync(
            [Web, "TlsUpgrade:Certificate:Path=missing.pfx"], options => options.Enabled = false);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("false", true)]
    public async Task Enabled_InCode_GoesOverTheConfiguration(string configured, bool inCode)
    {
        await using var server = await ConfiguredServer.StartAsync(
            [Web, $"TlsUpgrade:Enabled={configured}", $"TlsUpgrade:Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}"],
            options => options.Enabled = inCode);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Equal(inCode ? 101 : 200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task SettingsOfAnHttpsEndpoint_FailTheStart()
    {
        var certificate = _files.WritePfx("server.pfx", TestCertificates.Server);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ConfiguredServer.StartAsync(
        [
            "Kestrel:Endpoints:Secure:Url=https://127.0.0.1:0",
            $"Kestrel:Endpoints:Secure:Certificate:Path={certificate}",
            "Kestrel:Endpoints:Secure:TlsUpgrade:DirectTls=Any",
        ]));
        Assert.Equal(
            "The endpoint https://127.0.0.1:0 cannot be upgraded to TLS: it already uses TLS from the first byte. "
            + "Remove Kestrel:Endpoints:Secure:TlsUpgrade, UseTlsUpgrade() or UseHttps() from it.",
            failure.Message);
    }

    [Fact]
    public async Task SettingsOfAnHttpsEndpoint_NotEnabled_LeftAlone()
    {
        var certificate = _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await ConfiguredServer.StartAsync(
        [
            "Kestrel:Endpoints:Secure:Url=https://127.0.0.1:0",
            $"Kestrel:Endpoints:Secure:Certificate:Path={certificate}",
            "Kestrel:Endpoints:Secure:TlsUpgrade:Enabled=false",
        ]);
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>Kestrel does not tell endpoints apart that have the same address until they are bound.</summary>
    [Fact]
    public async Task TwoEndpointsWithOneDynamicAddress_FailTheStart()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => ConfiguredServer.StartAsync(
            [Web, "Kestrel:Endpoints:Api:Url=http://127.0.0.1:0", "Kestrel:Endpoints:Api:TlsUpgrade:DirectTls=Any"]));
        Assert.Equal(
            "Kestrel:Endpoints:Api and Kestrel:Endpoints:Web have the same address, http://127.0.0.1:0, so the settings under TlsUpgrade "
            + "are ambiguous. Give each its own address or port.",
            failure.Message);
    }

    [Fact]
    public async Task TwoEndpointsWithOneDynamicAddressAndNoSettings_Start()
    {
        await using var server = await ConfiguredServer.StartAsync(
            [Web, "Kestrel:Endpoints:Api:Url=http://127.0.0.1:0"], options => options.Https.ServerCertificate = TestCertificates.Server);
        Assert.Equal(2, server.Addresses.Count);
    }

    /// <summary>Settings that nobody takes are settings that somebody relies on.</summary>
    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task SettingsThatNothingTakes_FailTheStart(string host)
    {
        var port = FreePort.Find();
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
        {
            builder.Configuration.AddInMemoryCollection(
            [
                new("Kestrel:Endpoints:Web:Url", $"http://{host}:{port}"),
                new("Kestrel:Endpoints:Web:TlsUpgrade:DirectTls", "Any"),
            ]);
            builder.Services.AddTlsUpgrade();
            builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel.Configure(context.Configuration.GetSection("Kestrel")));
        }));
        Assert.StartsWith("Kestrel:Endpoints:Web:TlsUpgrade has settings, but the endpoint is not upgraded.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SettingsOfAnEndpointThatIsNotBound_AreLeftAlone()
    {
        await using var server = await ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:9", "Kestrel:Endpoints:Web:TlsUpgrade:DirectTls=Any"],
            options => options.Https.ServerCertificate = TestCertificates.Server,
            builder => builder.WebHost.UseUrls("http://127.0.0.1:0").PreferHostingUrls(true));
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
    }

    /// <summary>An endpoint on localhost is bound to two addresses and is one endpoint.</summary>
    [Fact]
    public async Task Localhost_BothAddressesUpgrade()
    {
        var port = FreePort.Find();
        await using var server = await ConfiguredServer.StartAsync(
        [
            $"Kestrel:Endpoints:Web:Url=http://localhost:{port}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}",
        ]);
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            await using var connection = await RawConnection.OpenAsync(new IPEndPoint(address, port));
            await connection.UpgradeAsync();
            Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        }
    }

    /// <summary>The settings are read by their path, and left out of what Kestrel sees of the endpoint.</summary>
    [Fact]
    public async Task SectionOfTheEndpoint_ReadByPathAndNotListed()
    {
        await using var server = await ConfiguredServer.StartAsync(
            [Web, "Kestrel:Endpoints:Web:TlsUpgrade:Advertise=Never"],
            options => options.Https.ServerCertificate = TestCertificates.Server,
            builder => builder.Configuration.AddInMemoryCollection([new("Kestrel:Endpoints:Web:TlsUpgrade:DirectTls", "Off")]));
        var endpoint = FindEndpoint(server.Services);
        Assert.Equal(["Url"], endpoint.GetChildren().Select(child => child.Key));
        Assert.Equal("Off", endpoint["TlsUpgrade:DirectTls"]);
        Assert.Equal(["Advertise", "DirectTls"], endpoint.GetSection("TlsUpgrade").GetChildren().Select(child => child.Key));
    }

    [Fact]
    public async Task GenericHost_SectionOfTheEndpoint_ReadByPathAndNotListed()
    {
        using var host = new HostBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(
            [
                new("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"),
                new("Kestrel:Endpoints:Web:TlsUpgrade:Advertise", "EveryResponse"),
            ]))
            .ConfigureWebHostDefaults(web => web
                .UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server)
                .Configure(app => app.Run(UpgradeServer.DescribeAsync)))
            .Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["Url"], FindEndpoint(host.Services).GetChildren().Select(child => child.Key));
        var address = host.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
            .Features.Get<Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature>()!.Addresses.Single();
        await using var connection = await RawConnection.OpenAsync(IPEndPoint.Parse(new Uri(address).Authority));
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.NotNull((await connection.ReadResponseAsync())["Upgrade"]);
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The endpoint's section, as Kestrel sees it.</summary>
    private static IConfigurationSection FindEndpoint(IServiceProvider services) =>
        services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.ConfigurationLoader!.Configuration.GetSection("Endpoints:Web");
}
