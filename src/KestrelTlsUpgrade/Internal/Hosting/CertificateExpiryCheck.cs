using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Hosting;

/// <summary>Reminds of certificates that are about to expire: when the server has started, and once a day from then on.</summary>
internal sealed partial class CertificateExpiryCheck(
    TlsUpgradeEndpoints endpoints, TimeProvider timeProvider, ILogger<CertificateExpiryCheck> logger)
    : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    private ITimer? _timer;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Check();
        _timer = timeProvider.CreateTimer(static check => ((CertificateExpiryCheck)check!).Check(), this, Period, Period);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    private void Check()
    {
        var now = timeProvider.GetUtcNow();
        foreach (var (endpoint, options) in endpoints.Upgradable)
        {
            if (options.Https.ServerCertificate is { } certificate && CertificateValidity.IsDue(certificate, now))
            {
                Report(endpoint, certificate, now);
            }
        }
    }

    private void Report(ListenOptions endpoint, X509Certificate2 certificate, DateTimeOffset now)
    {
        if (CertificateValidity.FindFault(certificate, now) is null)
        {
            Log.ExpiresSoon(logger, endpoint, certificate.Subject, certificate.NotAfter.ToUniversalTime());
        }
        else
        {
            Log.Expired(logger, endpoint, certificate.Subject, certificate.NotAfter.ToUniversalTime());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The certificate of the endpoint {Endpoint}, {Subject}, expires on {NotAfter:u}. Renew it.", EventName = "CertificateExpiresSoon")]
        public static partial void ExpiresSoon(ILogger logger, ListenOptions endpoint, string subject, DateTime notAfter);

        [LoggerMessage(2, LogLevel.Error, "The certificate of the endpoint {Endpoint}, {Subject}, expired on {NotAfter:u}: clients refuse it. Renew it.", EventName = "CertificateExpired")]
        public static partial void Expired(ILogger logger, ListenOptions endpoint, string subject, DateTime notAfter);
    }
}
