using Microsoft.Extensions.Options;

namespace IppPrinter.Jobs;

/// <summary>Prints one job after the other. The spool folder is its paper.</summary>
internal sealed partial class PrintingService(
    JobQueue jobs, IOptions<PrinterOptions> options, TimeProvider timeProvider, ILogger<PrintingService> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(PrintAsync(stoppingToken), WatchAsync(stoppingToken));

    private async Task PrintAsync(CancellationToken cancellationToken)
    {
        await foreach (var id in jobs.Ready.ReadAllAsync(cancellationToken))
        {
            if (jobs.TryBegin(id, out var job))
            {
                await Task.Delay(options.Value.PrintingTime, timeProvider, cancellationToken);
                if (jobs.TryComplete(id))
                {
                    Log.Printed(logger, id, job.Documents.Count, job.Length);
                }
            }
        }
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
