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
        endpoints.Reloaded += Check;
        Check();
        _timer = timeProvider.CreateTimer(static check => ((CertificateExpiryCheck)check!).Check(), this, Period, Period);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        endpoints.Reloaded -= Check;
        _timer?.Dispose();
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer?.Dispose();

    private void Check()
    {
        foreach (var endpoint in endpoints.Upgradable)
        {
            Check(endpoint);
        }
    }

    private void Check(IUpgradeEndpoint endpoint)
    {
        var now = timeProvider.GetUtcNow();
        foreach (var (certificate, _, origin) in endpoint.Settings?.Certificates ?? [])
        {
            if (!CertificateValidity.IsDue(certificate, now))
            {
                continue;
            }

            if (CertificateValidity.FindFault(certificate, now) is null)
            {
                Log.ExpiresSoon(logger, origin, certificate.Subject, certificate.NotAfter.ToUniversalTime());
            }
            else
            {
                Log.Expired(logger, origin, certificate.Subject, certificate.NotAfter.ToUniversalTime());
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The certificate of {Origin}, {Subject}, expires on {NotAfter:u}. Renew it.", EventName = "CertificateExpiresSoon")]
        public static partial void ExpiresSoon(ILogger logger, string origin, string subject, DateTime notAfter);

        [LoggerMessage(2, LogLevel.Error, "The certificate of {Origin}, {Subject}, expired on {NotAfter:u}: clients refuse it. Renew it.", EventName = "CertificateExpired")]
        public static partial void Expired(ILogger logger, string origin, string subject, DateTime notAfter);
    }
}
