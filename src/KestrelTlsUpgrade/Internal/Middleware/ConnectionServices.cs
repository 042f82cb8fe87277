using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Middleware;

/// <summary>The application services that every connection uses: clock, loggers and observers.</summary>
internal sealed class ConnectionServices(
    TlsUpgradeObservers observers,
    CallerLogLimiter limiter,
    ServerClock clock,
    ILoggerFactory loggers,
    IHostEnvironment? environment = null)
{
    public TlsUpgradeObservers Observers => observers;

    public TimeProvider TimeProvider => clock.TimeProvider;

    /// <summary>Limits the log lines that one client can cause.</summary>
    public CallerLogLimiter Limiter => limiter;

    /// <summary>Whether responses may be for those who develop the application.</summary>
    public bool IsDevelopment { get; } = environment?.IsDevelopment() is true;

    public ILogger HandshakeLogger { get; } = loggers.CreateLogger(LogCategories.Handshake);

    public ILogger SecuredLogger { get; } = loggers.CreateLogger(LogCategories.Secured);

    /// <summary>Logs why a client was refused.</summary>
    public RefusalLog Refusals { get; } = new(loggers.CreateLogger(LogCategories.Secured), limiter);
}
