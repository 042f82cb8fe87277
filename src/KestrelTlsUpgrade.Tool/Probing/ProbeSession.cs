using System.Globalization;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Runs a probe's attempts. Each has its own connection and timeout, and none ends the probe.</summary>
internal sealed class ProbeSession(ProbeTarget target, ProbeSettings settings)
{
    public ProbeTarget Target => target;

    public ProbeSettings Settings => settings;

    /// <summary>How long nothing has to arrive before a server counts as having nothing more to say.</summary>
    public TimeSpan Quiet { get; } = TimeSpan.FromTicks(Math.Min(settings.Timeout.Ticks / 10, TimeSpan.TicksPerSecond));

    /// <summary>Runs an attempt on a new connection.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="failed">Creates a result from the line that says why the attempt failed.</param>
    /// <param name="cancellationToken">Cancels the probe.</param>
    public Task<T> AttemptAsync<T>(
        Func<ProbeConnection, CancellationToken, Task<T>> attempt, Func<string, T> failed, CancellationToken cancellationToken) =>
        WithinTimeAsync(
            async token =>
            {
                await using var connection = await ProbeConnection.OpenAsync(target, settings, token);
                return await attempt(connection, token);
            },
            failed,
            cancellationToken);

    /// <summary>Runs an attempt that opens its own connection.</summary>
    public async Task<T> WithinTimeAsync<T>(
        Func<CancellationToken, Task<T>> attempt, Func<string, T> failed, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(settings.Timeout, settings.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await attempt(either.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && (deadline.IsCancellationRequested ? TimedOut : FailureText.TryDescribe(exception)) is not null)
        {
            return failed(deadline.IsCancellationRequested ? TimedOut : FailureText.TryDescribe(exception)!);
        }
    }

    private string TimedOut => string.Create(CultureInfo.InvariantCulture, $"no answer within {settings.Timeout.TotalSeconds:0.###} s");
}
