using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Connections.Endpoints;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Tells of certificates with an RSA key. Each full handshake signs with it, which takes from half as long as all the rest of the
/// handshake (2048 bits) to many times that; with ECDSA P-256 it is next to nothing.
/// </summary>
internal sealed partial class KeyTypeHint(TlsUpgradeEndpoints endpoints, IHostEnvironment environment, ILoggerFactory loggers)
    : LifecycleService
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.CertificateKey);
    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        // Development certificates are RSA, and nobody waits for them.
        if (!environment.IsDevelopment())
        {
            endpoints.Changed += Look;
            Look(changed: null);
        }

        return Task.CompletedTask;
    }

    public override Task StoppingAsync(CancellationToken cancellationToken)
    {
        endpoints.Changed -= Look;
        return Task.CompletedTask;
    }

    private void Look(IUpgradeEndpoint? changed)
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
            // The application has disposed of it. Others say so.
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate of {Origin} has an RSA key of {KeySize} bits. Signing with it costs this server more than ten times what ECDSA P-256 does, in every full TLS handshake. Renew it with a P-256 key, unless there are clients that know RSA only.", EventName = "RsaKey")]
        public static partial void RsaKey(ILogger logger, string origin, int keySize);
    }
}
