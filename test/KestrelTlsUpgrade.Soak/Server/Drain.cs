using System.Diagnostics;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Soak.Server;

/// <summary>
/// What comes before the stop when a server is told to end, as behind a load balancer: it accepts no more connections, and those in
/// use end with a response that says so, so that no request crosses the server's close. Idle ones are closed by the stop itself, which
/// also waits for requests in flight.
/// </summary>
internal sealed class Drain(ServerActivity activity, IEnumerable<IConnectionListenerFactory> factories) : IHostedLifecycleService
{
    /// <summary>Clients use a connection more often than this, or not at all any more.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken);
        activity.Stop.SetResult();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        activity.IsDraining = true;
        foreach (var factory in factories.OfType<DrainingListenerFactory>())
        {
            await factory.UnbindAsync(cancellationToken);
        }

        var start = Stopwatch.GetTimestamp();
        while (activity.Quiet < Quiet)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                await Console.Error.WriteLineAsync("Connections are still in use: the server stops all the same.");
                return;
            }

            await Task.Delay(50, cancellationToken);
        }
    }
}
