using KestrelTlsUpgrade.Connections;
using KestrelTlsUpgrade.Internal.Telemetry;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Connections;

/// <summary>What every connection needs of the application: its clock, its logs and its observers.</summary>
internal sealed class ConnectionServices(
    TlsUpgradeObservers observers, CallerLogLimiter limiter, TimeProvider timeProvider, ILoggerFactory loggers)
{
    public TlsUpgradeObservers Observers => observers;

    public TimeProvider TimeProvider => timeProvider;

    /// <summary>Bounds the lines that a client can cause.</summary>
    public CallerLogLimiter Limiter => limiter;

    public ILogger HandshakeLogger { get; } = loggers.CreateLogger(LogCategories.Handshake);

    public ILogger SecuredLogger { get; } = loggers.CreateLogger(LogCategories.Secured);

    /// <summary>Logs why clients are refused.</summary>
    public RefusalLog Refusals { get; } = new(loggers.CreateLogger(LogCategories.Secured), limiter);
}
