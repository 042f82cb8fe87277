using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Connections.Endpoints;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Reports certificates with an RSA key. Every full handshake signs with it: with 2048 bits that takes half as long as the rest of the
/// handshake, with longer keys many times as long. ECDSA P-256 costs almost nothing.
/// </summary>
internal sealed partial class KeyTypeHint(TlsUpgradeEndpoints endpoints, IHostEnvironment environment, ILoggerFactory loggers)
    : LifecycleService
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.CertificateKey);
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        // Development certificates use RSA, and their cost does not matter.
        if (!environment.IsDevelopment())
        {
            endpoints.Changed += Check;
            Check(changed: null);
        }

        return Task.CompletedTask;
    }

    public override Task StoppingAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed -= Check;
        return Task.CompletedTask;
    }

    private void Check(IUpgradeEndpoint? changed)
    {
        foreach (var (certificate, _, origin) in endpoints.FindCertificates(changed))
        {
            if (FindRsaKeySize(certificate) is { } size)
            {
                Log.RsaKey(_logger, origin, size);
            }
        }
    }

    private static int? FindRsaKeySize(X509Certificate2 certificate)
    {
        try
        {
            using var key = certificate.GetRSAPublicKey();
            return key?.KeySize;
        }
        catch (CryptographicException)
        {
            // The application has disposed of the certificate. The expiry check reports that.
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate of {Origin} has an RSA key of {KeySize} bits. Signing with it costs more than ten times as much as with ECDSA P-256, in every full TLS handshake. Renew it with a P-256 key, unless some clients support only RSA.", EventName = "RsaKey")]
        public static partial void RsaKey(ILogger logger, string origin, int keySize);
    }
}
