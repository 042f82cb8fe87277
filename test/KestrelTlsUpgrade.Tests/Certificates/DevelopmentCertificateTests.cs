using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Internal.Certificates;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tests.Certificates;

public sealed class DevelopmentCertificateTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2030, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private readonly RecordingLogger _logger = new();
    private readonly DevelopmentCertificate _development;

    public DevelopmentCertificateTests() => _development = new DevelopmentCertificate(new(new FakeTimeProvider(Now)), _logger.Factory);

    public void Dispose() => _development.Dispose();

    [Fact]
    public void Get_Certificate_IsForLocalhostAndLoopbackOnly()
    {
        var names = Assert.Single(_development.Get().Extensions.OfType<X509SubjectAlternativeNameExtension>());

        Assert.Equal("CN=localhost", _development.Get().Subject);
        Assert.Equal(["localhost"], names.EnumerateDnsNames());
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], names.EnumerateIPAddresses());
    }

    [Fact]
    public void Get_Certificate_IsForServersAndNotAnAuthority()
    {
        var extensions = _development.Get().Extensions;

        var usage = Assert.Single(extensions.OfType<X509EnhancedKeyUsageExtension>()).EnhancedKeyUsages;
        Assert.Equal(["1.3.6.1.5.5.7.3.1"], usage.Cast<Oid>().Select(static oid => oid.Value));
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, Assert.Single(extensions.OfType<X509KeyUsageExtension>()).KeyUsages);
        Assert.False(Assert.Single(extensions.OfType<X509BasicConstraintsExtension>()).CertificateAuthority);
    }

    [Fact]
    public void Get_Certificate_IsValidForThirtyDaysByTheGivenClock()
    {
        var certificate = _development.Get();

        Assert.Equal(Now.UtcDateTime.AddHours(-1), certificate.NotBefore.ToUniversalTime());
        Assert.Equal(Now.UtcDateTime.AddDays(30), certificate.NotAfter.ToUniversalTime());
    }

    [Fact]
    public void Get_Certificate_HasItsPrivateKey()
    {
        var certificate = _development.Get();
        Assert.True(certificate.HasPrivateKey);

        using var privateKey = certificate.GetECDsaPrivateKey();
        using var publicKey = certificate.GetECDsaPublicKey();
        var signature = privateKey!.SignData("data"u8, HashAlgorithmName.SHA256);

        Assert.True(publicKey!.VerifyData("data"u8, signature, HashAlgorithmName.SHA256));
    }

    [Fact]
    public void Get_Twice_IsTheSameAndLoggedOnce()
    {
        var first = _development.Get();

        Assert.Same(first, _development.Get());
        Assert.Single(_logger.Lines);
    }

    [Fact]
    public void Get_First_LogsTheFingerprint()
    {
        var certificate = _development.Get();

        var line = Assert.Single(_logger.Lines);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Equal("SelfSignedCertificateCreated", line.Id.Name);
        Assert.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256), line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_OfEachStart_IsAnother()
    {
        using var other = new DevelopmentCertificate(new(new FakeTimeProvider(Now)), _logger.Factory);

        Assert.NotEqual(_development.Get().Thumbprint, other.Get().Thumbprint);
    }

    [Fact]
    public void Dispose_NeverMade_DoesNothing()
    {
        _development.Dispose();

        Assert.Empty(_logger.Lines);
    }

    [Fact]
    public void Dispose_Made_LetsGoOfIt()
    {
        var certificate = _development.Get();

        _development.Dispose();

        Assert.Equal(IntPtr.Zero, certificate.Handle);
    }
}
