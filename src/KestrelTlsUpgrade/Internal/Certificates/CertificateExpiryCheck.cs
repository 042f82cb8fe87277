using System.Security.Cryptography;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>Logs certificates that are about to expire, at start-up and then once a day.</summary>
internal sealed partial class CertificateExpiryCheck(
    TlsUpgradeEndpoints endpoints, ServerClock clock, ILoggerFactory loggers)
    : CertificateInspection(endpoints), IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.CertificateExpiry);

    private ITimer? _timer;

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        var inspected = base.StartedAsync(cancellationToken);
        _timer = clock.TimeProvider.CreateTimer(static check => ((CertificateExpiryCheck)check!).InspectAll(), this, Period, Period);
        return inspected;
    }

    public override Task StoppingAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return base.StoppingAsync(cancellationToken);
    }

    public void Dispose() => _timer?.Dispose();

    protected override void Inspect(LoadedCertificate loaded)
    {
        try
        {
            foreach (var sent in loaded.WithIssuers())
            {
                Check(sent);
            }
        }
        catch (CryptographicException exception)
        {
            // The application has disposed of the certificate. Every handshake will report that.
            Log.NotChecked(_logger, loaded.Origin, exception);
        }
    }

    private void Check(LoadedCertificate loaded)
    {
        var now = clock.TimeProvider.GetUtcNow();
        var (certificate, _, origin) = loaded;
        if (CertificateValidity.IsDue(certificate, now))
        {
            if (CertificateValidity.FindFault(certificate, now) is null)
            {
                Log.ExpiresSoon(_logger, origin, certificate.Subject, certificate.NotAfter.ToUniversalTime());
            }
            else
            {
                Log.Expired(_logger, origin, certificate.Subject, certificate.NotAfter.ToUniversalTime());
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "Could not determine when the certificate of {Origin} expires.", EventName = "CertificateNotChecked")]
        public static partial void NotChecked(ILogger logger, string origin, Exception exception);

        [LoggerMessage(1, LogLevel.Warning, "The certificate of {Origin}, {Subject}, expires on {NotAfter:u}. Renew it.", EventName = "CertificateExpiresSoon")]
        public static partial void ExpiresSoon(ILogger logger, string origin, string subject, DateTime notAfter);

        [LoggerMessage(2, LogLevel.Error, "The certificate of {Origin}, {Subject}, expired on {NotAfter:u}: clients refuse it. Renew it.", EventName = "CertificateExpired")]
        public static partial void Expired(ILogger logger, string origin, string subject, DateTime notAfter);
    }
}
