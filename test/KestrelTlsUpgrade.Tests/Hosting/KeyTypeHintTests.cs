using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Hosting;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tests.Hosting;

public sealed class KeyTypeHintTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly RecordingLogger<KeyTypeHint> _logger = new();
    private readonly TlsUpgradeEndpoints _endpoints = new();
    private readonly FakeEndpoint _endpoint = new();
    private readonly X509Certificate2 _rsa = CreateRsa();
    private readonly X509Certificate2 _ecdsa = CreateEcdsa();

    public KeyTypeHintTests() => _endpoints.AddUpgradable(_endpoint);

    public void Dispose()
    {
        _rsa.Dispose();
        _ecdsa.Dispose();
    }

    [Fact]
    public async Task Rsa_IsNamed()
    {
        _endpoint.Show((_ecdsa, "first"), (_rsa, "second"));
        await Create().StartedAsync(None);
        var line = Assert.Single(_logger.Lines);
        Assert.Equal((LogLevel.Information, "RsaKey"), (line.Level, line.Id.Name));
        Assert.StartsWith("The certificate of second has an RSA key of 2048 bits.", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ecdsa_SaysNothing()
    {
        _endpoint.Show(_ecdsa, "first");
        await Create().StartedAsync(None);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task Development_SaysNothing()
    {
        _endpoint.Show(_rsa, "first");
        await Create(Environments.Development).StartedAsync(None);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task NoCertificateKnown_SaysNothing()
    {
        _endpoint.Show();
        await Create().StartedAsync(None);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task Renewed_IsNamedAgainUntilTheServerStops()
    {
        _endpoint.Show(_ecdsa, "first");
        var hint = Create();
        await hint.StartedAsync(None);
        _endpoint.Show(_rsa, "renewed");
        _endpoints.OnChanged(_endpoint);
        Assert.Contains("The certificate of renewed ", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);

        await hint.StoppingAsync(None);
        _endpoints.OnChanged(_endpoint);
        Assert.Single(_logger.Lines);
    }

    /// <summary>The application may do as it likes with a certificate of its own. The process goes on.</summary>
    [Fact]
    public async Task CertificateDisposedOf_GoesOnToTheNext()
    {
        var disposed = CreateRsa();
        disposed.Dispose();
        _endpoint.Show((disposed, "first"), (_rsa, "second"));
        await Create().StartedAsync(None);
        Assert.Contains("The certificate of second ", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    private KeyTypeHint Create(string environment = "Production") =>
        new(_endpoints, new HostingEnvironment { EnvironmentName = environment }, _logger);

    private static X509Certificate2 CreateRsa()
    {
        using var key = RSA.Create(2048);
        return CreateSelfSigned(new("CN=a.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static X509Certificate2 CreateEcdsa()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return CreateSelfSigned(new("CN=a.test", key, HashAlgorithmName.SHA256));
    }

    private static X509Certificate2 CreateSelfSigned(CertificateRequest request) =>
        request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
}
