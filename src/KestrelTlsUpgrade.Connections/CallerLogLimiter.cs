using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.Connections;

/// <summary>
/// Bounds the log lines that a remote peer can cause. A caller gets <see cref="LinesPerCaller"/> lines a minute at each level; what is
/// left out is counted, and the count is logged once the minute is over. Thread-safe.
/// </summary>
internal sealed partial class CallerLogLimiter : IDisposable
{
    /// <summary>Lines a minute about one caller, at one level: an IPv4 address, or a /64 of IPv6.</summary>
    public const int LinesPerCaller = 10;

    /// <summary>The number of callers that are counted separately. A caller is dropped after two quiet minutes.</summary>
    public const int MaxCallers = 1024;

    /// <summary>Lines a minute, at one level, about all callers beyond <see cref="MaxCallers"/> together.</summary>
    public const int LinesOfOthers = 100;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Levels are counted separately: lines at Information must not use up those at Warning.</summary>
    private readonly Dictionary<(CallerKey Caller, LogLevel Level), Window> _windows = [];
    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private bool _isDisposed;

    public CallerLogLimiter(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        using (ExecutionContext.SuppressFlow())
        {
            // Runs only while there are entries.
            _timer = timeProvider.CreateTimer(static limiter => ((CallerLogLimiter)limiter!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The number of entries.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _windows.Count;
            }
        }
    }

    /// <summary>Whether to log a line about a connection. A line at a disabled level does not count.</summary>
    public bool Admits(ILogger logger, LogLevel level, EndPoint? caller)
    {
        if (!logger.IsEnabled(level))
        {
            return false;
        }

        var key = (Caller: CallerKey.Of(caller), Level: level);
        Window before;
        bool isAdmitted;
        lock (_lock)
        {
            if (_windows.Count >= MaxCallers && !_windows.ContainsKey(key))
            {
                key.Caller = CallerKey.Other;
            }

            ref var window = ref CollectionsMarshal.GetValueRefOrAddDefault(_windows, key, out var isKnown);
            if (_windows.Count == 1 && !isKnown)
            {
                StartTimer();
            }

            before = window;
            if (!isKnown || IsOver(before))
            {
                window = new Window { StartedAt = _timeProvider.GetTimestamp() };
            }
            else
            {
                before = default;
            }

            window.Logger = logger;
            isAdmitted = window.Lines < (key.Caller.IsOther ? LinesOfOthers : LinesPerCaller);
            if (isAdmitted)
            {
                window.Lines++;
            }
            else
            {
                window.LeftOut++;
            }
        }

        Report(key, before);
        return isAdmitted;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _windows.Clear();
        }

        _timer.Dispose();
    }

    private static void Report((CallerKey Caller, LogLevel Level) key, Window window)
    {
        if (window.LeftOut > 0)
        {
            Log.LinesLeftOut(window.Logger!, key.Level, window.LeftOut, key.Caller);
        }
    }

    /// <summary>Drops the callers whose minute is over, and logs how many of their lines were left out.</summary>
    private void Expire()
    {
        KeyValuePair<(CallerKey, LogLevel), Window>[] over;
        lock (_lock)
        {
            over = [.. _windows.Where(entry => IsOver(entry.Value))];
            foreach (var (key, _) in over)
            {
                _windows.Remove(key);
            }

            if (_windows.Count > 0)
            {
                StartTimer();
            }
        }

        try
        {
            foreach (var (key, window) in over)
            {
                Report(key, window);
            }
        }
#pragma warning disable CA1031 // A logger that throws in the timer callback must not end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    private void StartTimer()
    {
        if (!_isDisposed)
        {
            _timer.Change(Period, Timeout.InfiniteTimeSpan);
        }
    }

    private bool IsOver(Window window) => _timeProvider.GetElapsedTime(window.StartedAt) >= Period;

    /// <summary>One minute of one caller.</summary>
    private struct Window
    {
        public long StartedAt;
        public ILogger? Logger;
        public int Lines;
        public int LeftOut;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 100, Message = "{LeftOut} more lines about connections from {Caller} were left out within a minute.", EventName = "LinesLeftOut")]
        public static partial void LinesLeftOut(ILogger logger, LogLevel level, int leftOut, CallerKey caller);
    }
}
