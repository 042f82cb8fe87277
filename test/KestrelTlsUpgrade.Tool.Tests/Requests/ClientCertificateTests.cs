using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.Tool.Tests.Requests;

public sealed class ClientCertificateTests : IDisposable
{
    private const string Password = "secret";

    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    private static Task<UpgradeServer> StartAsync() => UpgradeServer.StartAsync(options =>
    {
        options.Https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        options.Https.AllowAnyClientCertificate();
    });

    private async Task AssertIsSentAsync(params string[] arguments)
    {
        await using var server = await StartAsync();
        var run = await ToolRun.RunAsync(["get", $"http://localhost:{server.Port}/", "-k", "--no-proxy", .. arguments]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("certificate=CN=client ", run.Output, StringComparison.Ordinal);
    }

    private string Certificate => _files.Write("client.pem", TestCertificates.Client.ExportCertificatePem());

    [Fact]
    public Task Cert_PemAndKey_IsSent() => AssertIsSentAsync("--cert", Certificate, "--key", _files.WriteKey("key.pem", TestCertificates.Client));

    [Fact]
    public Task Cert_PemWithItsKey_IsSent() => AssertIsSentAsync("--cert", _files.Write(
        "both.pem",
        TestCertificates.Client.ExportCertificatePem() + "\n" + TestCertificates.Client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));

    [Fact]
    public Task Cert_PemAndEncryptedKey_IsSent() => AssertIsSentAsync(
        "--cert",
        Certificate,
        "--key",
        _files.Write(
            "key.pem",
            TestCertificates.Client.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem(
                Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))),
        "--password",
        Password);

    [Fact]
    public Task Cert_Pkcs12_IsSent() => AssertIsSentAsync(
        "--cert", _files.Write("client.p12", TestCertificates.Client.Export(X509ContentType.Pkcs12, Password)), "--password", Password);

    [Fact]
    public async Task Cert_None_TheServerRefuses()
    {
        await using var server = await StartAsync();
        var run = await ToolRun.RunAsync("get", $"http://localhost:{server.Port}/", "-k", "--no-proxy");
        run.AssertFailed(5, "");
    }

    [Fact]
    public async Task Cert_Unusable_SaysSo()
    {
        var pkcs12 = _files.Write("client.p12", TestCertificates.Client.Export(X509ContentType.Pkcs12, Password));
        (await ToolRun.RunAsync("get", "http://a.test", "--cert", pkcs12, "--password", "wrong")).AssertFailed(6, "cannot be loaded");
        (await ToolRun.RunAsync("get", "http://a.test", "--cert", pkcs12, "--key", "x")).AssertFailed(64, "--key is for a certificate in PEM");
        (await ToolRun.RunAsync("get", "http://a.test", "--cert", Certificate)).AssertFailed(6, "cannot be loaded");
        var withoutKey = X509CertificateLoader.LoadCertificate(TestCertificates.Client.RawData).Export(X509ContentType.Pkcs12)!;
        (await ToolRun.RunAsync("get", "http://a.test", "--cert", _files.Write("no-key.p12", withoutKey))).AssertFailed(6, "has no certificate with a key");
    }
}
