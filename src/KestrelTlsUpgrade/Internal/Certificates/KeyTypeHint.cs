using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
    : CertificateInspection(endpoints)
{
    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.CertificateKey);

    /// <summary>Development certificates use RSA, and their cost does not matter.</summary>
    public override Task StartedAsync(CancellationToken cancellationToken) =>
        environment.IsDevelopment() ? Task.CompletedTask : base.StartedAsync(cancellationToken);

    protected override void Inspect(LoadedCertificate loaded)
    {
        if (FindRsaKeySize(loaded.Certificate) is { } size)
        {
            Log.RsaKey(_logger, loaded.Origin, size);
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
