using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Certificate and TLS settings of the section TlsUpgrade, in Kestrel's schema.</summary>
public sealed class CertificateSectionTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory().FullName;

    public CertificateSectionTests()
    {
        using var key = TestCertificates.Server.GetECDsaPrivateKey()!;
        var parameters = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        Write("server.pfx", TestCertificates.Server.Export(X509ContentType.Pkcs12, "secret"));
        Write("server.crt", TestCertificates.Server.ExportCertificatePem());
        Write("server.key", key.ExportPkcs8PrivateKeyPem());
        Write("locked.key", key.ExportEncryptedPkcs8PrivateKeyPem("secret", parameters));
        Write("client.pfx", TestCertificates.Client.Export(X509ContentType.Pkcs12, "secret"));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("Path=server.pfx", "Password=secret")]
    [InlineData("Path=server.crt", "KeyPath=server.key")]
    [InlineData("Path=server.crt", "KeyPath=locked.key", "Password=secret")]
    public async Task Certificate_InEveryForm_IsShownUpgradedAndDirect(params string[] settings)
    {
        await using var server = await StartAsync([.. settings.Select(setting => $"Certificate:{setting}"), "DirectTls=Any"]);
        foreach (var isDirect in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync();
            await (isDirect ? connection.StartTlsAsync() : connection.UpgradeAsync());
            Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        }
    }

    /// <summary>What is said of the upgrade goes over what is said of https in general, and code over configuration.</summary>
    [Theory]
    [InlineData(false, false, "CN=localhost")]
    [InlineData(true, false, "CN=localhost")]
    [InlineData(true, true, "CN=b.test")]
    public async Task Certificate_Order_NearestWins(bool hasDefaults, bool hasCode, string subject)
    {
        await using var server = await StartAsync(
            ["Certificate:Path=server.pfx", "Certificate:Password=secret"],
            kestrel => kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = hasDefaults ? TestCertificates.Rsa : null),
            options => options.Https.ServerCertificate = hasCode ? TestCertificates.Other : options.Https.ServerCertificate,
            ("Kestrel:Certificates:Default:Path", Path.Combine(_directory, "client.pfx")),
            ("Kestrel:Certificates:Default:Password", "secret"));
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(serverName: null);
        Assert.Equal(subject, connection.Tls!.RemoteCertificate!.Subject);
        Assert.NotEqual(TestCertificates.Rsa.Thumbprint, connection.Tls.RemoteCertificate.GetCertHashString());
    }

    /// <summary>Code that assigns all of the https settings says nothing of a certificate unless it gives one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HttpsAssignedAsAWhole_KeepsTheCertificateUnlessItHasOne(bool hasOne)
    {
        await using var server = await StartAsync(
            ["Certificate:Path=server.pfx", "Certificate:Password=secret"],
            upgrade: options => options.Https = new() { ServerCertificate = hasOne ? TestCertificates.Other : null, SslProtocols = SslProtocols.Tls12 });
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(serverName: null);
        Assert.Equal(SslProtocols.Tls12, connection.Tls!.SslProtocol);
        Assert.Equal(hasOne ? "CN=b.test" : "CN=localhost", connection.Tls.RemoteCertificate!.Subject);
    }

    [Theory]
    [InlineData("SslProtocols=Tls12", SslProtocols.Tls12)]
    [InlineData("SslProtocols:0=tls13", SslProtocols.Tls13)]
    [InlineData("SslProtocols:0=Tls12;SslProtocols:1=Tls13", SslProtocols.Tls13)]
    [InlineData("SslProtocols=None", SslProtocols.Tls13)]
    public async Task SslProtocols_OneOrMore_AreEnabled(string settings, SslProtocols highest)
    {
        await using var server = await StartAsync(
            ["Certificate:Path=server.pfx", "Certificate:Password=secret", .. settings.Split(';')]);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Equal(highest, connection.Tls!.SslProtocol);
    }

    [Fact]
    public async Task ClientCertificateModeAndHandshakeTimeout_AreTaken()
    {
        TlsUpgradeOptions? taken = null;
        await using var server = await StartAsync(
            ["Certificate:Path=server.pfx", "Certificate:Password=secret", "ClientCertificateMode=requirecertificate", "HandshakeTimeout=00:00:07"],
            upgrade: options => taken = options);
        Assert.Equal(ClientCertificateMode.RequireCertificate, taken!.Https.ClientCertificateMode);
        Assert.Equal(TimeSpan.FromSeconds(7), taken.Https.HandshakeTimeout);
    }

    private Task<UpgradeServer> StartAsync(
        IEnumerable<string> settings,
        Action<KestrelServerOptions>? kestrel = null,
        Action<TlsUpgradeOptions>? upgrade = null,
        params (string Key, string Value)[] others) => UpgradeServer.StartAsync(builder =>
        {
            builder.Configuration.AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).ToDictionary(
                pair => $"TlsUpgrade:{pair[0]}",
                string? (pair) => pair[0].EndsWith("Path", StringComparison.Ordinal) ? Path.Combine(_directory, pair[1]) : pair[1]));
            builder.Configuration.AddInMemoryCollection(others.ToDictionary(pair => pair.Key, string? (pair) => pair.Value));
            builder.WebHost.ConfigureKestrel((context, options) =>
            {
                options.Configure(context.Configuration.GetSection("Kestrel"));
                kestrel?.Invoke(options);
            });
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseTlsUpgrade(options => upgrade?.Invoke(options));
        });

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_directory, name), content);

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_directory, name), content);
}
