using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Tests.Support;

/// <summary>A logger that keeps what it gets, and a factory of it.</summary>
internal sealed class RecordingLogger : ILogger, ILoggerFactory
{
    public List<(LogLevel Level, EventId Id, string Message)> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add((logLevel, eventId, formatter(state, exception)));
}
