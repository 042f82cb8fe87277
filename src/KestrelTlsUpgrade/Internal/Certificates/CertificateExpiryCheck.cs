using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Endpoints;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Certificates;

/// <summary>
/// Logs certificates that are about to expire or are not valid: at start-up, when that begins, and then once a day.
/// </summary>
internal sealed partial class CertificateExpiryCheck(
    TlsUpgradeEndpoints endpoints, ServerClock clock, ILoggerFactory loggers)
    : CertificateInspection(endpoints), IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    /// <summary>The system's clock may be set while the timer runs.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Timers count whole milliseconds.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly ILogger _logger = loggers.CreateLogger(LogCategories.CertificateExpiry);
    private readonly Lock _lock = new();

    /// <summary>What was last logged of a certificate, by its origins: endpoints may share one.</summary>
    private readonly ConditionalWeakTable<X509Certificate2, Dictionary<string, Reported>> _reported = [];

    private ITimer? _timer;
    private DateTimeOffset _next;

    private enum Stage
    {
        Valid,
        NotYetValid,
        ExpiresSoon,
        Expired,
    }

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _timer = clock.TimeProvider.CreateTimer(
                static check => ((CertificateExpiryCheck)check!).InspectAll(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        return base.StartedAsync(cancellationToken);
    }

    public override Task StoppingAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return base.StoppingAsync(cancellationToken);
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>Inspects the certificates of the endpoint, and waits for what happens next to any of them.</summary>
    protected override void InspectEndpoint(IUpgradeEndpoint? changed)
    {
        lock (_lock)
        {
            var now = clock.TimeProvider.GetUtcNow();
            if (changed is null)
            {
                _next = now + LongestWait;
            }

            base.InspectEndpoint(changed);
            _timer?.Change((_next > now ? _next - now : TimeSpan.Zero) + ShortestWait, Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Inspect(LoadedCertificate loaded)
    {
        try
        {
            var now = clock.TimeProvider.GetUtcNow();
            foreach (var sent in loaded.WithIssuers())
            {
                Check(sent, now);
            }
        }
        catch (CryptographicException exception)
        {
            // The application has disposed of the certificate. Every handshake will report that.
            Log.NotChecked(_logger, loaded.Origin, exception);
        }
    }

    private void Check(LoadedCertificate loaded, DateTimeOffset now)
    {
        var (certificate, _, origin) = loaded;
        var (stage, end) = FindStage(certificate, now);
        var reported = _reported.GetOrCreateValue(certificate);
        var isNews = stage is not Stage.Valid
            && (!reported.TryGetValue(origin, out var last) || last.Stage != stage || now - last.At >= Period);
        if (isNews)
        {
            reported[origin] = new(stage, now);
            Write(stage, origin, certificate);
        }

        WaitUntil(end);
        if (stage is not Stage.Valid)
        {
            WaitUntil(reported[origin].At + Period);
        }
    }

    private void WaitUntil(DateTimeOffset? time)
    {
        if (time < _next)
        {
            _next = time.Value;
        }
    }

    /// <summary>What the certificate is at now, and when that ends.</summary>
    private static (Stage Stage, DateTimeOffset? End) FindStage(X509Certificate2 certificate, DateTimeOffset now)
    {
        DateTimeOffset end = certificate.NotAfter;
        return now > end ? (Stage.Expired, null)
            : now < certificate.NotBefore ? (Stage.NotYetValid, certificate.NotBefore)
            : CertificateValidity.IsDue(certificate, now) ? (Stage.ExpiresSoon, end)
            : (Stage.Valid, end - CertificateValidity.GetReminder(certificate));
    }

    private void Write(Stage stage, string origin, X509Certificate2 certificate)
    {
        switch (stage)
        {
            case Stage.NotYetValid:
                Log.NotYetValid(_logger, origin, certificate.Subject, certificate.NotBefore.ToUniversalTime());
                break;

            case Stage.ExpiresSoon:
                Log.ExpiresSoon(_logger, origin, certificate.Subject, certificate.NotAfter.ToUniversalTime());
                break;

            default:
                Log.Expired(_logger, origin, certificate.Subject, certificate.NotAfter.ToUniversalTime());
                break;
        }
    }

    private readonly record struct Reported(Stage Stage, DateTimeOffset At);

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Warning, "Could not determine when the certificate of {Origin} expires.", EventName = "CertificateNotChecked")]
        public static partial void NotChecked(ILogger logger, string origin, Exception exception);

        [LoggerMessage(1, LogLevel.Warning, "The certificate of {Origin}, {Subject}, expires on {NotAfter:u}. Renew it.", EventName = "CertificateExpiresSoon")]
        public static partial void ExpiresSoon(ILogger logger, string origin, string subject, DateTime notAfter);

        [LoggerMessage(2, LogLevel.Error, "The certificate of {Origin}, {Subject}, expired on {NotAfter:u}: clients refuse it. Renew it.", EventName = "CertificateExpired")]
        public static partial void Expired(ILogger logger, string origin, string subject, DateTime notAfter);

        [LoggerMessage(4, LogLevel.Error, "The certificate of {Origin}, {Subject}, is not valid before {NotBefore:u}: clients refuse it. Check the certificate and the clock of this machine.", EventName = "CertificateNotYetValid")]
        public static partial void NotYetValid(ILogger logger, string origin, string subject, DateTime notBefore);
    }
}
