using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>The fallback certificate in Development: self-signed, for localhost, in memory only and new at every start.</summary>
internal sealed partial class DevelopmentCertificate(ServerClock clock, ILoggerFactory loggers) : IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.DevelopmentCertificate);

    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);

    private readonly Lock _lock = new();
    private X509Certificate2? _certificate;

    public X509Certificate2 Get()
    {
        lock (_lock)
        {
            if (_certificate is null)
            {
                _certificate = Create(clock.TimeProvider.GetUtcNow());
                Log.Created(_logger, _certificate.GetCertHashString(HashAlgorithmName.SHA256), _certificate.NotAfter);
            }

            return _certificate;
        }
    }

    public void Dispose() => _certificate?.Dispose();

    private static X509Certificate2 Create(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var certificate = request.CreateSelfSigned(now - TimeSpan.FromHours(1), now + Lifetime);
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        // Schannel cannot use a key that exists only in memory.
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "No certificate is configured and there is no development certificate: created a self-signed one for localhost in memory, valid until {NotAfter}. SHA-256 fingerprint: {Fingerprint}", EventName = "SelfSignedCertificateCreated")]
        public static partial void Created(ILogger logger, string fingerprint, DateTime notAfter);
    }
}
