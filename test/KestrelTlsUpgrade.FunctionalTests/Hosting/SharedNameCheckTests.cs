using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>Start-up names the https endpoints that an upgrade endpoint puts at risk (CVE-2025-49812).</summary>
public sealed class SharedNameCheckTests : IDisposable
{
    private readonly string _certificate = Path.GetTempFileName();

    public void Dispose() => File.Delete(_certificate);

    [Fact]
    public async Task SameCertificate_EachPairIsNamedOnce()
    {
        await using var server = await StartAsync(
            _ => { },
            endpoint => endpoint.UseHttps(TestCertificates.Server),
            endpoint => endpoint.UseHttps(TestCertificates.Server));
        var warnings = await GetWarningsAsync(server, expected: 2);
        Assert.All(warnings, warning =>
        {
            Assert.Contains("https://127.0.0.1:", warning.Message);
            Assert.Contains($"http://127.0.0.1:{server.Port}", warning.Message);
            Assert.Contains("localhost", warning.Message);
            Assert.Contains("AwareOnly", warning.Message);
        });
        Assert.Equal(2, warnings.Select(warning => warning.Message).Distinct().Count());
    }

    [Fact]
    public async Task OtherNames_NothingIsSaid()
    {
        var own = TestCertificates.Create("own", "1.3.6.1.5.5.7.3.1", "own.test");
        await using var server = await StartAsync(
            options => options.Https.ServerCertificate = WithoutAddresses("upgrade.test"),
            endpoint => endpoint.UseHttps(own),
            endpoint => endpoint.UseHttps(TestCertificates.Other));
        await AssertSilentAsync(server);
    }

    [Fact]
    public async Task AwareOnly_NothingIsSaid()
    {
        await using var server = await StartAsync(
            options => options.AcceptedClients = UpgradeClients.AwareOnly, endpoint => endpoint.UseHttps(TestCertificates.Server));
        await AssertSilentAsync(server);
    }

    [Fact]
    public async Task Http2OnlyThere_NothingIsSaid()
    {
        await using var server = await StartAsync(_ => { }, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http2;
            endpoint.UseHttps(TestCertificates.Server);
        });
        await AssertSilentAsync(server);
    }

    [Fact]
    public async Task SelectorsOnBothSides_SharedNameIsFound()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificateSelector = (_, name) => name == "b.test" ? TestCertificates.Other : WithoutAddresses("upgrade.test"),
            endpoint => endpoint.UseHttps(https => https.ServerCertificateSelector = (_, _) => TestCertificates.Other));
        Assert.Contains("b.test", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    [Fact]
    public async Task Wildcards_AreNamesToo()
    {
        await using var server = await StartAsync(
            options => options.Https.ServerCertificate = WithoutAddresses("*.wild.test"),
            endpoint => endpoint.UseHttps(WithoutAddresses("*.wild.test")));
        Assert.Contains("any.wild.test", Assert.Single(await GetWarningsAsync(server, expected: 1)).Message);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ClientCertificateRequiredThere_SharedNameIsFound(SslProtocols version)
    {
        await using var server = await StartAsync(_ => { }, endpoint => endpoint.UseHttps(https =>
        {
            https.ServerCertificate = TestCertificates.Server;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.SslProtocols = version;
        }));
        Assert.Single(await GetWarningsAsync(server, expected: 1));
    }

    [Fact]
    public async Task EndpointsFromConfigurationAndDefaults_SharedNameIsFound()
    {
        await File.WriteAllBytesAsync(_certificate, TestCertificates.Server.Export(X509ContentType.Pkcs12, "secret"));
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Certificates:Default:Path"] = _certificate,
                ["Kestrel:Certificates:Default:Password"] = "secret",
                ["Kestrel:Endpoints:Clear:Url"] = "http://127.0.0.1:0",
                ["Kestrel:Endpoints:Secure:Url"] = "https://127.0.0.1:0",
            });
            builder.WebHost.ConfigureKestrel((context, options) => options.Configure(context.Configuration.GetSection("Kestrel")));
            builder.WebHost.UseTlsUpgrade();
        });
        Assert.Single(await GetWarningsAsync(server, expected: 1));
    }

    [Fact]
    public async Task DirectTlsAnyWithCompatible_OneWarning()
    {
        foreach (var (directTls, clients, count) in new[]
        {
            (DirectTlsMode.Any, UpgradeClients.Compatible, 1),
            (DirectTlsMode.Any, UpgradeClients.AwareOnly, 0),
            (DirectTlsMode.Http2Only, UpgradeClients.Compatible, 0),
            (DirectTlsMode.Off, UpgradeClients.Compatible, 0),
        })
        {
            await using var server = await UpgradeServer.StartAsync(
                builder =>
                {
                    builder.WebHost.UseTlsUpgrade(options =>
                    {
                        options.DirectTls = directTls;
                        options.AcceptedClients = clients;
                    });
                    builder.WebHost.UseUrls("http://127.0.0.1:0");
                },
                environment: "Development");
            Assert.Equal(count, server.Log.Lines.Count(line => line.Id.Name == "DirectTlsNotProtected" && line.Level == LogLevel.Warning));
        }
    }

    private static X509Certificate2 WithoutAddresses(string name) =>
        TestCertificates.Create(name, "1.3.6.1.5.5.7.3.1", includeAddresses: false, name);

    private static Task<UpgradeServer> StartAsync(Action<TlsUpgradeOptions> upgrade, params Action<ListenOptions>[] https) => UpgradeServer.StartAsync(builder =>
    {
        builder.Services.AddTlsUpgrade();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseTlsUpgrade(settings =>
            {
                settings.Https.ServerCertificate = TestCertificates.Server;
                upgrade(settings);
            }));
            foreach (var configure in https)
            {
                options.Listen(IPAddress.Loopback, 0, configure);
            }
        });
    });

    private static async Task<LogLine[]> GetWarningsAsync(UpgradeServer server, int expected)
    {
        await server.Log.WaitForAsync(line => line.Id.Name == "SharedNamesChecked");
        var warnings = server.Log.Lines.Where(line => line.Id.Name == "SharedName").ToArray();
        Assert.Equal(expected, warnings.Length);
        Assert.All(warnings, warning => Assert.Equal(LogLevel.Warning, warning.Level));
        return warnings;
    }

    private static async Task AssertSilentAsync(UpgradeServer server)
    {
        await GetWarningsAsync(server, expected: 0);
        Assert.DoesNotContain(server.Log.Lines, line => line.Id.Name == "NotChecked");
    }
}
