using Microsoft.Extensions.Hosting;

namespace KestrelTlsUpgrade.Connections.Hosting;

/// <summary>A hosted service that overrides only the stages of the host's lifecycle in which it has work.</summary>
internal abstract class LifecycleService : IHostedLifecycleService
{
    private int _hasEnded;

    public virtual Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public virtual Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Returns whether the end has not begun before: hosts of tests stop twice, or after they have been disposed of.</summary>
    protected bool TryEnd() => Interlocked.Exchange(ref _hasEnded, 1) == 0;
}
