using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// The application's logger factory, with one logger wrapped: Kestrel's TLS reports why a handshake failed only to that logger.
/// </summary>
internal sealed class HandshakeLoggerFactory(ILoggerFactory inner) : ILoggerFactory
{
    private const string Category = "Microsoft.AspNetCore.Server.Kestrel.Https.Internal.HttpsConnectionMiddleware";

    public ILogger CreateLogger(string categoryName)
    {
        var logger = inner.CreateLogger(categoryName);
        return categoryName == Category ? new HandshakeLogger(logger) : logger;
    }

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>Does nothing: the application owns the inner factory.</summary>
    public void Dispose()
    {
    }

    private sealed class HandshakeLogger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        /// <summary>Enabled during our handshakes, whatever the application's log levels are.</summary>
        public bool IsEnabled(LogLevel logLevel) => HandshakeTrace.Current is not null || inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (HandshakeTrace.Current is { } trace)
            {
                trace.Failure ??= exception;
                trace.IsTimedOut |= eventId.Name == "AuthenticationTimedOut";
            }

            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
