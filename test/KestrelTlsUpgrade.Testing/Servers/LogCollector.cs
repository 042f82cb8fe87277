using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Testing;

/// <summary>One line of a server's log.</summary>
internal sealed record LogLine(string Category, LogLevel Level, EventId Id, string Message, Exception? Exception);

/// <summary>Keeps a server's log, and tells when a line has come.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly SemaphoreSlim _news = new(0);

    public IReadOnlyCollection<LogLine> Lines => _lines;

    /// <summary>Waits for a line and returns it.</summary>
    public async Task<LogLine> WaitForAsync(Func<LogLine, bool> predicate)
    {
        using var timeout = new CancellationTokenSource(RawConnection.Patience);
        while (true)
        {
            if (_lines.FirstOrDefault(predicate) is { } line)
            {
                return line;
            }

            await _news.WaitAsync(timeout.Token);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCollector collector, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            collector._lines.Enqueue(new LogLine(category, logLevel, eventId, formatter(state, exception), exception));
            collector._news.Release();
        }
    }
}
