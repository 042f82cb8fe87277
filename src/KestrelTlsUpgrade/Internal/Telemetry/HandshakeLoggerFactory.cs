using KestrelTlsUpgrade.Internal.Tls;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// The application's loggers, but for the one that Kestrel's TLS tells why a handshake failed: that is nowhere else to be had.
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

    /// <summary>The application's, and not ours to dispose of.</summary>
    public void Dispose()
    {
    }

    private sealed class HandshakeLogger(ILogger inner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        /// <summary>While a handshake of ours runs here, whatever the application's own levels are.</summary>
        public bool IsEnabled(LogLevel logLevel) => HandshakeTrace.Current is not null || inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (HandshakeTrace.Current is { } watch)
            {
                watch.Failure ??= exception;
                watch.IsTimedOut |= eventId.Name == "AuthenticationTimedOut";
            }

            if (inner.IsEnabled(logLevel))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }
    }
}
