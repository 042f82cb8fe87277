using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.FunctionalTests.Report;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

/// <summary>AllowExpiredCertificate: clear text is served, whatever the certificate is at.</summary>
public sealed class ExpiredCertificateTests
{
    [Theory]
    [InlineData(91, "CertificateExpired")]
    [InlineData(-2, "CertificateNotYetValid")]
    public async Task Allowed_StartsAndServesAndSaysSo(int days, string eventName)
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.AllowExpiredCertificate = true,
            services: services => services.SetServerClock(new ShiftedClock { Offset = TimeSpan.FromDays(days) })
                .AddHealthChecks().AddTlsUpgrade());
        server.IsExpected = line => line.Id.Name is "HealthCheckEnd" || line.Id.Name == eventName;
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);

        // As if it had expired while the server ran: whether the client accepts it is the client's to say.
        await connection.UpgradeAsync();
        Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);

        Assert.Equal(LogLevel.Error, (await server.Log.WaitForAsync(line => line.Id.Name == eventName)).Level);
        var health = await server.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
    }

    [Fact]
    public async Task Allowed_ByConfiguration_RenewedCertificateIsApplied()
    {
        using var files = new CertificateFiles();
        using var expired = CertificateFor.Create("localhost", isExpired: true);
        Write(files, expired);
        await using var server = await StartAsync(files);
        // A pair of files may be seen half written.
        server.IsExpected = static line =>
            line.Id.Name is "CertificateExpired" or "SettingsNotReloaded" or "MissingOrInvalidCertificateKeyFile" or "MissingOrInvalidCertificateFile";
        Write(files, TestCertificates.Server);
        await server.Log.WaitForAsync(static line => line.Id.Name is "SettingsReloaded");
        Assert.Equal(TestCertificates.Server.Thumbprint, await GetThumbprintAsync(server));
    }

    [Fact]
    public async Task Allowed_ValidCertificateInService_IsNotReplacedByAnExpiredOne()
    {
        using var files = new CertificateFiles();
        using var expired = CertificateFor.Create("localhost", isExpired: true);
        Write(files, TestCertificates.Server);
        await using var server = await StartAsync(files);
        server.IsExpected = static line => line.Id.Name is "SettingsNotReloaded" or "MissingOrInvalidCertificateKeyFile" or "MissingOrInvalidCertificateFile";
        Write(files, expired);
        await server.Log.WaitForAsync(static line =>
            line.Id.Name is "SettingsNotReloaded" && line.Message.Contains("expired on", StringComparison.Ordinal));
        Assert.Equal(TestCertificates.Server.Thumbprint, await GetThumbprintAsync(server));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CertificateOfAServerName_StartsOnlyIfAllowed(bool isAllowed)
    {
        using var files = new CertificateFiles();
        using var expired = CertificateFor.Create("localhost", isExpired: true);
        string[] settings =
        [
            "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
            $"Kestrel:Endpoints:Web:TlsUpgrade:AllowExpiredCertificate={isAllowed}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:Path={files.WritePfx("valid.pfx", TestCertificates.Server)}",
            $"Kestrel:Endpoints:Web:TlsUpgrade:Sni:localhost:Certificate:Path={files.WritePfx("expired.pfx", expired)}",
        ];
        if (!isAllowed)
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => ConfiguredServer.StartAsync(settings));
            Assert.Contains("expired on", failure.Message, StringComparison.Ordinal);
            return;
        }

        await using var server = await ConfiguredServer.StartAsync(settings);
        server.IsExpected = static line => line.Id.Name is "CertificateExpired";
        Assert.Equal(expired.Thumbprint, await GetThumbprintAsync(server));
    }

    private static Task<UpgradeServer> StartAsync(CertificateFiles files) => ConfiguredServer.StartAsync(
    [
        "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
        "Kestrel:Endpoints:Web:TlsUpgrade:AllowExpiredCertificate=true",
        $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:Path={files.GetPath("tls.crt")}",
        $"Kestrel:Endpoints:Web:TlsUpgrade:Certificate:KeyPath={files.GetPath("tls.key")}",
    ]);

    private static void Write(CertificateFiles files, X509Certificate2 certificate)
    {
        files.WriteKey("tls.key", certificate);
        files.WritePem("tls.crt", certificate);
    }

    private static async Task<string> GetThumbprintAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        await connection.ReadResponseAsync();
        return connection.Tls!.RemoteCertificate!.GetCertHashString();
    }
}
