using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>Where the upgrade reaches, with which certificate, and what start-up says about settings that make no sense.</summary>
public sealed class StartupTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task WebHost_UrlsSetting_Upgrades()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        });
        await AssertUpgradesAsync(server.EndPoint);
    }

    [Fact]
    public async Task WebHost_EndpointFromConfiguration_Upgrades()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            Configure(builder, ("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"));
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
        });
        await AssertUpgradesAsync(server.EndPoint);
    }

    [Fact]
    public async Task WebHost_EndpointFromCodeBeforeAndAfter_Upgrades()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        });
        Assert.Equal(2, server.Addresses.Count);
        foreach (var address in server.Addresses)
        {
            await AssertUpgradesAsync(new IPEndPoint(IPAddress.Loopback, new Uri(address).Port));
        }
    }

    [Fact]
    public async Task WebHost_HttpsAndHttp2OnlyEndpoints_StayAsTheyAre()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(TestCertificates.Server));
                options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            });
        });
        await using var https = await RawConnection.OpenAsync(server.EndPoint);
        await https.StartTlsAsync();
        await https.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("GET /x scheme=https state= ", (await https.ReadResponseAsync()).Content);

        await using var clear = await RawConnection.OpenAsync(server.EndPoint);
        await clear.SendAsync(RawConnectionUpgradeExtensions.Request());
        Assert.Empty(await clear.ReadToEndAsync());
    }

    [Fact]
    public async Task WebHostAndEndpoint_EndpointsSettingsWin()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options =>
            {
                options.Https.ServerCertificate = TestCertificates.Other;
                options.StrictTokens = true;
            });
            builder.WebHost.ConfigureKestrel(options => options.Listen(
                IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(TestCertificates.Server)));
        });
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);

        await using var strict = await server.ConnectAsync();
        await strict.SendAsync(RawConnectionUpgradeExtensions.Request(token: "TLS/1.0"));
        Assert.Equal(200, (await strict.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Configuration_SetsDefaults_AndCodeGoesOverThem()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            // Before the upgrade is added as well as after it.
            builder.Services.Configure<TlsUpgradeOptions>(options => options.Advertise = TlsUpgradeAdvertisement.OncePerConnection);
            Configure(
                builder,
                ("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"),
                ("TlsUpgrade:StrictTokens", "true"),
                ("TlsUpgrade:Advertise", "EveryResponse"));
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
        });
        await using var connection = await server.ConnectAsync();
        foreach (var isAdvertised in new[] { true, false })
        {
            await connection.SendAsync(RawConnectionUpgradeExtensions.Request(token: "TLS/1.0"));
            var response = await connection.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            Assert.Equal(isAdvertised, response["Upgrade"] is not null);
        }
    }

    [Fact]
    public async Task Configuration_UnknownSetting_FailsAndNamesThePath()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => UpgradeServer.StartAsync(builder =>
        {
            Configure(builder, ("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"), ("TlsUpgrade:StrictToken", "true"));
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
        }));
        Assert.Equal("TlsUpgrade:StrictToken is not a setting. Did you mean StrictTokens?", exception.Message);
    }

    [Fact]
    public async Task HttpsDefaults_OfTheApplication_AreKept()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade();
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.ConfigureHttpsDefaults(https =>
                {
                    https.ServerCertificate = TestCertificates.Server;
                    https.SslProtocols = SslProtocols.Tls12;
                });
                options.Listen(IPAddress.Loopback, 0);
            });
        });
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Equal(SslProtocols.Tls12, connection.Tls!.SslProtocol);
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task HttpsSettings_AssignedAsAWhole_AreUsed()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https = new()
        {
            ServerCertificate = TestCertificates.Other,
            SslProtocols = SslProtocols.Tls12,
        });
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Equal(SslProtocols.Tls12, connection.Tls!.SslProtocol);
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task DefaultCertificate_OfTheConfiguration_IsUsed()
    {
        var path = Path.Combine(_directory, "certificate.pfx");
        await File.WriteAllBytesAsync(path, TestCertificates.Server.Export(X509ContentType.Pkcs12, "secret"));
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            Configure(
                builder,
                ("Kestrel:Certificates:Default:Path", path),
                ("Kestrel:Certificates:Default:Password", "secret"),
                ("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"));
            builder.WebHost.UseTlsUpgrade();
        });
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task NoCertificate_Development_SelfSignedOneIsMadeAndAnnounced()
    {
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.WebHost.UseTlsUpgrade();
                builder.WebHost.UseUrls("http://127.0.0.1:0");
            },
            environment: "Development");
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        var line = Assert.Single(server.Log.Lines, line => line.Id.Name == "SelfSignedCertificateCreated");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains(connection.Tls!.RemoteCertificate!.GetCertHashString(HashAlgorithmName.SHA256), line.Message);
    }

    [Fact]
    public async Task NoCertificate_Production_NamesTheSetting()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        }));
        Assert.Contains("http://127.0.0.1:0", exception.Message);
        Assert.Contains("Kestrel:Certificates:Default", exception.Message);
    }

    [Theory]
    [InlineData(91, "expired on ")]
    [InlineData(-2, "is not valid before ")]
    public async Task CertificateOutOfDate_NamesEndpointAndCertificate(int days, string fault)
    {
        var time = new FixedTimeProvider(DateTimeOffset.UtcNow.AddDays(days));
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => UpgradeServer.StartAsync(services: services => services.SetServerClock(time)));
        Assert.StartsWith($"The certificate of the endpoint http://127.0.0.1:0, CN=localhost, {fault}", exception.Message);
    }

    [Fact]
    public async Task CertificateInItsLastFortnight_Warns()
    {
        var time = new FixedTimeProvider(DateTimeOffset.UtcNow.AddDays(80));
        await using var server = await UpgradeServer.StartAsync(services: services => services.SetServerClock(time));
        var line = await server.Log.WaitForAsync(line => line.Id.Name == "CertificateExpiresSoon");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("CN=localhost, expires on ", line.Message);
    }

    [Fact]
    public async Task RsaKey_IsHinted()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificate = TestCertificates.Rsa);
        var line = await server.Log.WaitForAsync(line => line.Id.Name == "RsaKey");
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.StartsWith("The certificate of the endpoint http://127.0.0.1:0 has an RSA key of 2048 bits.", line.Message);
    }

    [Fact]
    public async Task HttpPartMissing_NamesTheCall()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
            builder.WebHost.ConfigureKestrel(options => options.Listen(
                IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(TestCertificates.Server)))));
        Assert.Contains("http://127.0.0.1:0", exception.Message);
        Assert.Contains("AddTlsUpgrade()", exception.Message);
    }

    [Fact]
    public async Task HttpsEndpoint_UpgradedFromCode_NamesTheRemedy()
    {
        foreach (var isUpgradeFirst in new[] { true, false })
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(
                endpoint: endpoint =>
                {
                    if (isUpgradeFirst)
                    {
                        endpoint.UseTlsUpgrade();
                    }

                    endpoint.UseHttps(TestCertificates.Server);
                }));
            Assert.Contains("https://127.0.0.1:0", exception.Message);
            Assert.Contains("UseHttps()", exception.Message);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http2)]
    [InlineData(HttpProtocols.None)]
    public async Task EndpointWithoutHttp1_UpgradedFromCode_NamesTheRemedy(HttpProtocols protocols)
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => UpgradeServer.StartAsync(endpoint: endpoint => endpoint.Protocols = protocols));
        Assert.Contains("http://127.0.0.1:0", exception.Message);
        Assert.Contains("Protocols", exception.Message);
    }

    [Fact]
    public async Task EndpointDefaultsOfTheApplication_ReplaceOurs_StartupFailsAndNamesTheEndpoint()
    {
        foreach (var isBefore in new[] { true, false })
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(builder =>
            {
                if (isBefore)
                {
                    builder.WebHost.ConfigureKestrel(options => options.ConfigureEndpointDefaults(_ => { }));
                }

                builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
                builder.WebHost.ConfigureKestrel(options =>
                {
                    options.ConfigureEndpointDefaults(_ => { });
                    options.Listen(IPAddress.Loopback, 0);
                });
            }));
            Assert.Contains("http://127.0.0.1:", exception.Message);
            Assert.Contains("ConfigureEndpointDefaults", exception.Message);
        }
    }

    [Fact]
    public async Task EndpointDefaultsOfTheApplication_WithTheUpgradeInThem_AreKept()
    {
        var defaults = 0;
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.ConfigureEndpointDefaults(endpoint =>
                {
                    defaults++;
                    endpoint.UseTlsUpgrade().UseConnectionLogging();
                });
                options.Listen(IPAddress.Loopback, 0);
            });
        });
        Assert.True(defaults > 0);
        await AssertUpgradesAsync(server.EndPoint);

        // The application's own middleware: once for plaintext, once inside TLS, and nowhere else.
        Assert.Contains(server.Log.Lines, line => IsWritten(line, "47 45 54 20 2F 78"));
        Assert.DoesNotContain(server.Log.Lines, line => IsWritten(line, "16 03 0"));

        static bool IsWritten(LogLine line, string bytes) =>
            line.Category.Contains("Logging") && line.Message.Contains(bytes);
    }

    [Fact]
    public async Task EndpointDefaultsOfTheApplication_WithHttpsEndpointsToo_LeaveThoseAlone()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(options =>
            {
                options.ConfigureEndpointDefaults(endpoint => endpoint.UseTlsUpgrade());
                options.Listen(IPAddress.Loopback, 0);
                options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(TestCertificates.Server));
            });
        });
        await AssertUpgradesAsync(server.EndPoint);
    }

    [Fact]
    public async Task UnknownOptionValues_AreAllNamed()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(() => UpgradeServer.StartAsync(options =>
        {
            options.DirectTls = (DirectTlsMode)7;
            options.AcceptedClients = (TlsUpgradeClientMode)8;
        }));
        Assert.Contains("http://127.0.0.1:0", exception.Message);
        Assert.Contains("DirectTls: 7", exception.Message);
        Assert.Contains("AcceptedClients: 8", exception.Message);
        Assert.Contains("Off, Http2Only, Any", exception.Message);
    }

    [Fact]
    public async Task OtherServerThanKestrel_WarnsThatThereIsNoEffect()
    {
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade();
            builder.WebHost.UseTestServer();
        });
        var line = Assert.Single(server.Log.Lines, line => line.Id.Name == "NotKestrel");
        Assert.Equal(LogLevel.Warning, line.Level);
        using var client = ((TestServer)server.Services.GetRequiredService<IServer>()).CreateClient();
        Assert.StartsWith("GET /x scheme=http state= ", await client.GetStringAsync("/x"));
    }

    private static void Configure(WebApplicationBuilder builder, params (string Key, string Value)[] settings)
    {
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.WebHost.ConfigureKestrel((context, options) => options.Configure(context.Configuration.GetSection("Kestrel")));
    }

    private static async Task AssertUpgradesAsync(EndPoint endPoint)
    {
        foreach (var later in new[] { false, true })
        {
            await using var connection = await RawConnection.OpenAsync(endPoint).AfterAsync(later);
            await connection.UpgradeAsync();
            Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
        }
    }

    private sealed class FixedTimeProvider(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
