using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>What an operator reads at start: the reason of a failure before all else, and true lines only.</summary>
public sealed class StartMessageTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Kestrel tries such an address once for each version of IP.</summary>
    [Theory]
    [InlineData("http://localhost:")]
    [InlineData("http://*:")]
    public async Task NoCertificate_AddressWithTwoVersionsOfIP_ReasonComesFirstAndOnce(string address)
    {
        var log = new LogCollector();
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(
            log, [], builder => builder.WebHost.UseUrls(address + FreePort.Find())));
        Assert.StartsWith("The endpoint http://", exception.Message);
        Assert.Contains("upgrades to TLS but has no certificate", exception.Message);
        Assert.Equal(1, exception.ToString().Split("has no certificate").Length - 1);
        Assert.DoesNotContain(log.Lines, static line => line.Message.Contains("bind", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task InvalidSetting_AddressWithTwoVersionsOfIP_ReasonComesFirstAndOnce()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(
            new(), [("TlsUpgrade:StrictToken", "true")], static builder => builder.WebHost.UseUrls($"http://localhost:{FreePort.Find()}")));
        Assert.Equal("TlsUpgrade:StrictToken is not a setting. Did you mean StrictTokens?", exception.Message);
    }

    [Theory]
    [InlineData("Path")]
    [InlineData("KeyPath")]
    public async Task DefaultCertificateMissing_NamesSettingAndFile(string missing)
    {
        var path = Path.Combine(_directory, "server.crt");
        var key = Path.Combine(_directory, "server.key");
        await File.WriteAllTextAsync(path, TestCertificates.Server.ExportCertificatePem(), TestContext.Current.CancellationToken);
        File.Delete(missing == "Path" ? path : key);
        var exception = await Assert.ThrowsAnyAsync<InvalidOperationException>(() => StartAsync(
            new(),
            [("Kestrel:Certificates:Default:Path", path), ("Kestrel:Certificates:Default:KeyPath", key)],
            static builder => builder.WebHost.UseUrls("http://127.0.0.1:0")));
        Assert.Equal($"Kestrel:Certificates:Default:{missing}: there is no file {(missing == "Path" ? path : key)}.", exception.Message);
    }

    /// <summary>Kestrel loads its configuration after the hosted services of the application have started.</summary>
    [Fact]
    public async Task DefaultCertificate_SuppliedByAHostedService_Starts()
    {
        var path = Path.Combine(_directory, "late.pem");
        await using var app = await StartAsync(
            new(),
            [
                ("Kestrel:Certificates:Default:Path", path),
                ("Kestrel:Certificates:Default:KeyPath", path),
                ("Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0"),
            ],
            builder => builder.Services.AddHostedService(_ => new CertificateWriter(path)));
        Assert.Single(app.Urls);
    }

    /// <summary>The host would otherwise go on with a server whose configuration counts as loaded, and that has no endpoint.</summary>
    [Fact]
    public async Task DefaultCertificateMissing_ErrorsOfTheStartAreCaptured_FailsAllTheSame()
    {
        using var host = Host.CreateDefaultBuilder()
            .ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Certificates:Default:Path"] = Path.Combine(_directory, "none.pfx"),
                ["Kestrel:Endpoints:Web:Url"] = "http://127.0.0.1:0",
            }))
            .ConfigureWebHostDefaults(static web => web
                .CaptureStartupErrors(true)
                .UseUrls("http://127.0.0.1:0")
                .UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server)
                .Configure(static app => app.Run(UpgradeServer.DescribeAsync)))
            .Build();
        await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A test of an application need not have the certificates of its server.</summary>
    [Fact]
    public async Task DefaultCertificateMissing_OtherServer_Starts()
    {
        await using var app = await StartAsync(
            new(),
            [("Kestrel:Certificates:Default:Path", Path.Combine(_directory, "none.pfx"))],
            static builder => builder.WebHost.UseTestServer());
        using var client = app.GetTestClient();
        Assert.StartsWith("GET /x", await client.GetStringAsync("/x", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Kestrel:EndpointDefaults:Protocols", "Kestrel:Endpoints:Web:Url")]
    [InlineData("Kestrel:EndpointDefaults:Protocols", "urls")]
    [InlineData("Kestrel:Endpoints:Web:Protocols", "Kestrel:Endpoints:Web:Url")]
    [InlineData("code", "code")]
    [InlineData("code, localhost", "code")]
    public async Task Http2IsNamed_KestrelDoesNotSayThatItIsOff(string protocols, string url)
    {
        var log = new LogCollector();
        (string, string)[] settings = url == "code" ? [] : [(protocols, "Http1AndHttp2"), (url, "http://127.0.0.1:0")];
        await using var app = await StartAsync(log, settings, builder =>
        {
            builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            if (url == "code")
            {
                builder.WebHost.ConfigureKestrel(kestrel =>
                {
                    if (protocols == "code")
                    {
                        kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2);
                    }
                    else
                    {
                        kestrel.ListenLocalhost(FreePort.Find(), static endpoint => endpoint.Protocols = HttpProtocols.Http1AndHttp2);
                    }
                });
            }
        });
        Assert.DoesNotContain(log.Lines, static line => line.Message.Contains("HTTP/2 is not enabled", StringComparison.Ordinal));

        // What Kestrel would have said is not true.
        using var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server) } };
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20, Timeout = RawConnection.Patience };
        using var response = await client.GetAsync($"https://localhost:{new Uri(app.Urls.First()).Port}/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpVersion.Version20, response.Version);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("code")]
    [InlineData("TlsUpgrade:DirectTls")]
    public async Task Http1Only_DirectTls_WarnsOnlyIfSomebodyHasSetIt(string? place)
    {
        var log = new LogCollector();
        await using var app = await StartAsync(
            log,
            place is null or "code" ? [] : [(place, "Http2Only")],
            builder =>
            {
                builder.WebHost.UseTlsUpgrade(options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    if (place == "code")
                    {
                        options.DirectTls = DirectTlsMode.Http2Only;
                    }
                });
                builder.WebHost.ConfigureKestrel(static kestrel =>
                    kestrel.Listen(IPAddress.Loopback, 0, static endpoint => endpoint.Protocols = HttpProtocols.Http1));
            });
        var warnings = log.Lines.Where(static line => line.Level >= LogLevel.Warning).Select(static line => line.Id.Name);
        Assert.Equal(place is null ? [] : ["DirectTlsServesNobody"], warnings);
    }

    private static async Task<WebApplication> StartAsync(LogCollector log, (string Key, string Value)[] settings, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information);
        builder.Services.AddSingleton(new Internal.Certificates.SharedNames.ServersInProcess());
        builder.Services.AddSingleton(new Internal.Requiring.Attributes.ApplicationAssemblies());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(static setting => setting.Key, static string? (setting) => setting.Value));
        builder.WebHost.UseTlsUpgrade();
        configure(builder);
        var app = builder.Build();
        app.Run(UpgradeServer.DescribeAsync);
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return app;
    }

    private sealed class CertificateWriter(string path) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => File.WriteAllTextAsync(
            path,
            TestCertificates.Server.ExportCertificatePem() + "\n" + CertificateFiles.ExportKey(TestCertificates.Server),
            cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
