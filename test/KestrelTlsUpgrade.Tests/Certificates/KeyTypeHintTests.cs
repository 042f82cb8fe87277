using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tests.Certificates;

public sealed class KeyTypeHintTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly RecordingLogger _logger = new();
    private readonly TlsUpgradeEndpoints _endpoints = new();
    private readonly FakeEndpoint _endpoint = new();

    public KeyTypeHintTests() => _endpoints.AddUpgradable(_endpoint);

    [Fact]
    public async Task Rsa_IsNamed()
    {
        _endpoint.Show((TestCertificates.Server, "first"), (TestCertificates.Rsa, "second"));
        await Create().StartedAsync(None);
        var line = Assert.Single(_logger.Lines);
        Assert.Equal((LogLevel.Information, "RsaKey"), (line.Level, line.Id.Name));
        Assert.StartsWith("The certificate of second has an RSA key of 2048 bits.", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ecdsa_SaysNothing()
    {
        _endpoint.Show(TestCertificates.Server, "first");
        await Create().StartedAsync(None);
        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public async Task Development_SaysNothing()
    {
        _endpoint.Show(TestCertificates.Rsa, "first");
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
        _endpoint.Show(TestCertificates.Server, "first");
        var hint = Create();
        await hint.StartedAsync(None);
        _endpoint.Show(TestCertificates.Rsa, "renewed");
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
        var disposed = TestCertificates.CreateRsa(2048);
        disposed.Dispose();
        _endpoint.Show((disposed, "first"), (TestCertificates.Rsa, "second"));
        await Create().StartedAsync(None);
        Assert.Contains("The certificate of second ", Assert.Single(_logger.Lines).Message, StringComparison.Ordinal);
    }

    private KeyTypeHint Create(string environment = "Production") =>
        new(_endpoints, new HostingEnvironment { EnvironmentName = environment }, _logger.Factory);
}
