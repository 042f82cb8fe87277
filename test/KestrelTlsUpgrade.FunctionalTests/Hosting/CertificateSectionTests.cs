using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.FunctionalTests.Hosting;

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
        using var other = TestCertificates.Other.GetECDsaPrivateKey()!;
        Write("other.key", other.ExportPkcs8PrivateKeyPem());
        Write("client.pfx", TestCertificates.Client.Export(X509ContentType.Pkcs12, "secret"));
        Write("garbage.pfx", "This is no certificate.");
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

    [Theory]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Path=missing.pfx")]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Path=garbage.pfx")]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Path=server.pfx", "Certificate:Password=wrong")]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Path=server.crt", "Certificate:KeyPath=missing.key")]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Path=server.crt", "Certificate:KeyPath=other.key")]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Path=server.crt", "Certificate:KeyPath=locked.key", "Certificate:Password=wrong")]
    [InlineData("TlsUpgrade:Certificate ({0}) cannot be loaded: ", "Certificate:Subject=nobody.test", "Certificate:Store=My")]
    [InlineData("TlsUpgrade:Certificate has to have either Path, for a file, or Subject, for a certificate of a store.", "Certificate:Password=x")]
    [InlineData("TlsUpgrade:Certificate has to have either Path, for a file, or Subject, for a certificate of a store.", "Certificate:Path=server.pfx", "Certificate:Subject=x")]
    [InlineData("TlsUpgrade:Certificate:Pasword is not a setting. Did you mean Password?", "Certificate:Path=server.pfx", "Certificate:Pasword=secret")]
    [InlineData("TlsUpgrade:SslProtocols is 'Ssl3'. Use Tls12, Tls13, Tls11, Tls, None.", "SslProtocols=Ssl3")]
    [InlineData("TlsUpgrade:SslProtocols:1 is 'TLS/1.2'. Use Tls12, Tls13, Tls11, Tls, None.", "SslProtocols:0=Tls13", "SslProtocols:1=TLS/1.2")]
    [InlineData("TlsUpgrade:ClientCertificateMode is 'Always'. Use NoCertificate, AllowCertificate, RequireCertificate, DelayCertificate.", "ClientCertificateMode=Always")]
    [InlineData("TlsUpgrade:HandshakeTimeout is '-1'. Use a time such as 00:00:10.", "HandshakeTimeout=-1")]
    [InlineData("TlsUpgrade:HandshakeTimeout is 'soon'. Use a time such as 00:00:10.", "HandshakeTimeout=soon")]
    public async Task WhatCannotBeTaken_FailsTheStartAndNamesThePath(string message, params string[] settings)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(settings));
        var source = settings[0].Split('=')[1];
        Assert.StartsWith(message.Replace("{0}", source.Contains("nobody") ? source : Path.Combine(_directory, source)), failure.Message);
    }

    [Fact]
    public async Task CertificateWithoutKey_FailsTheStart()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(["Certificate:Path=server.crt"]));
        Assert.Contains("private key", failure.Message);
    }

    [Fact]
    public async Task CertificateForClients_FailsTheStart()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(
            () => StartAsync(["Certificate:Path=client.pfx", "Certificate:Password=secret"]));
        Assert.Contains("cannot be used as an SSL server certificate", failure.Message);
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
