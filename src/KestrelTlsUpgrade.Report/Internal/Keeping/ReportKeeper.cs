using KestrelTlsUpgrade.Connections.Hosting;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace KestrelTlsUpgrade.Report.Internal.Keeping;

/// <summary>
/// Keeps the counts in the owner's folder: read when the report is mapped, written about once a minute and at shutdown. Whatever is wrong
/// with the file costs the history at most.
/// </summary>
internal sealed partial class ReportKeeper(
    ReportCollector collector,
    IOptions<TlsUpgradeReportOptions> options,
    IHostEnvironment environment,
    ServerClock clock,
    ILoggerFactory loggers) : LifecycleService, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = loggers.CreateLogger("KestrelTlsUpgrade.Report");
    private readonly ReportFile? _file = options.Value.Folder is { } folder ? new(Path.GetFullPath(folder, environment.ContentRootPath)) : null;
    private readonly CancellationTokenSource _stopping = new();
    private Task _saving = Task.CompletedTask;
    private bool _isLoaded;
    private bool _isTold;

    /// <summary>Reads what an earlier run of the application has counted.</summary>
    public void Load()
    {
        if (_file is null || _isLoaded)
        {
            return;
        }

        _isLoaded = true;
        try
        {
            if (_file.Read() is { } kept)
            {
                KeptReportMapper.GiveBack(kept, collector);
            }
        }
#pragma warning disable CA1031 // Whatever the file contains must not fail the start.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _file.Disown();
            Log.HistoryNotRead(_logger, exception, _file.FullName);
        }
    }

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_file is not null)
        {
            _saving = SaveAsync();
        }

        return Task.CompletedTask;
    }

    /// <summary>The server has stopped: the counts are final.</summary>
    public override async Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (TryEnd())
        {
            await _stopping.CancelAsync();
            await _saving;
            Save();
            _file?.Dispose();
        }
    }

    public void Dispose()
    {
        if (TryEnd())
        {
            // A host that failed to start is not stopped.
            _stopping.Cancel();
        }

        _stopping.Dispose();
        _file?.Dispose();
    }

    /// <summary>Writes the counts, if there are new ones.</summary>
    public void Save()
    {
        if (_file is null || !collector.WatchesRequests)
        {
            return;
        }

        try
        {
            _file.Write(KeptReportMapper.Take(collector, clock.TimeProvider.GetUtcNow()));
            _isTold = false;
        }
#pragma warning disable CA1031 // Whatever is wrong with the folder must not end the application.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_isTold)
            {
                _isTold = true;
                Log.HistoryNotWritten(_logger, exception, _file.FullName);
            }
        }
    }

    private async Task SaveAsync()
    {
        using var timer = new PeriodicTimer(Period, clock.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                Save();
            }
        }
        catch (OperationCanceledException)
        {
            // The last time is at shutdown.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Warning, "The report's file {File} cannot be read, so it counts anew. The file will be put aside.", EventName = "HistoryNotRead")]
        public static partial void HistoryNotRead(ILogger logger, Exception exception, string file);

        [LoggerMessage(3, LogLevel.Warning, "The report's file {File} cannot be written, so its counts would not survive a restart. Is the folder writable, and is no other process using it? It is tried again every minute.", EventName = "HistoryNotWritten")]
        public static partial void HistoryNotWritten(ILogger logger, Exception exception, string file);
    }
}
