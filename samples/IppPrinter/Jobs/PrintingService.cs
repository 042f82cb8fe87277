using Microsoft.Extensions.Options;

namespace IppPrinter.Jobs;

/// <summary>Prints one job after the other. The spool folder is its paper.</summary>
internal sealed partial class PrintingService(
    JobQueue jobs, IOptions<PrinterOptions> options, TimeProvider timeProvider, ILogger<PrintingService> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>If one of the two fails, so does the service, and with it the host.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        await await Task.WhenAny(PrintAsync(stoppingToken), WatchAsync(stoppingToken));

    private async Task PrintAsync(CancellationToken cancellationToken)
    {
        await foreach (var id in jobs.Ready.ReadAllAsync(cancellationToken))
        {
            if (jobs.TryBegin(id, out var job))
            {
                await PassTimeAsync(id, cancellationToken);
                if (jobs.TryComplete(id))
                {
                    Log.Printed(logger, id, job.Documents.Count, job.Length);
                }
            }
        }
    }

    /// <summary>Takes as long as the job does, unless it is canceled.</summary>
    private async Task PassTimeAsync(int id, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var printing = Task.Delay(options.Value.PrintingTime, timeProvider, stop.Token);
        Task changed;
        do
        {
            changed = jobs.Changed;
        }
        while (jobs.Find(id) is { HasEnded: false } && await Task.WhenAny(printing, changed) == changed);

        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookInterval, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            jobs.AbortSilent();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Printed job {Job}: {Documents} documents with {Length} octets.")]
        public static partial void Printed(ILogger logger, int job, int documents, long length);
    }
}
