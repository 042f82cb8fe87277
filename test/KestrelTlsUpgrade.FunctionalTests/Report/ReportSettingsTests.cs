using System.Text;
using System.Text.Json;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Report.Internal.Page;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>What the report tells of settings that come from the configuration.</summary>
public sealed class ReportSettingsTests
{
    private const string Password = "sw0rdfish";

    [Fact]
    public async Task Settings_AreThoseInForce_AndNoSecretIsAmongThem()
    {
        using var files = new CertificateFiles();
        const string Section = "Kestrel:Endpoints:Web:TlsUpgrade";
        string[] settings =
        [
            "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
            $"{Section}:AcceptedClients=AwareOnly",
            $"{Section}:HandshakeTimeout=00:00:07",
            $"{Section}:Certificate:Path={files.WritePfx("server.pfx", TestCertificates.Server, Password)}",
            $"{Section}:Certificate:Password={Password}",
            $"{Section}:Sni:*.b.test:Certificate:Path={files.WritePfx("other.pfx", TestCertificates.Other, Password)}",
            $"{Section}:Sni:*.b.test:Certificate:Password={Password}",
            $"{Section}:Sni:*.b.test:SslProtocols=Tls13",
            $"{Section}:Sni:*.b.test:ClientCertificateMode=RequireCertificate",
            $"{Section}:Sni:*:SslProtocols=Tls12",
        ];
        await using var server = await ConfiguredServer.StartAsync(settings, configure: static builder => builder.Services.AddTlsUpgradeReport());
        var report = ReportServer.Read(server);
        var endpoint = Assert.Single(report.Endpoints);
        Assert.Equal(
            ("AwareOnly", "00:00:07", "Tls13, RequireCertificate", "Tls12, NoCertificate"),
            (endpoint.Settings["AcceptedClients"], endpoint.Settings["HandshakeTimeout"], endpoint.Settings["Sni:*.b.test"], endpoint.Settings["Sni:*"]));
        Assert.Equal(["CN=b.test", "CN=localhost"], endpoint.Certificates.Select(static certificate => certificate.Subject!).Order());
        Assert.Contains(endpoint.Certificates, certificate => certificate.Origin.Contains(files.GetPath("server.pfx"), StringComparison.Ordinal));

        Assert.DoesNotContain(Password, JsonSerializer.Serialize(report, ReportJsonContext.Default.ReportContent));
        Assert.DoesNotContain(Password, Encoding.UTF8.GetString(ReportPage.Render(report, "nonce")));
    }
}
