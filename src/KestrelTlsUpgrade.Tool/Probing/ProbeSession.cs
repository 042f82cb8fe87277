using System.Globalization;

namespace KestrelTlsUpgrade.Tool.Probing;

/// <summary>Runs the attempts of a probe: each on a connection of its own, within its time, and never ending the probe.</summary>
internal sealed class ProbeSession(ProbeTarget target, ProbeSettings settings)
{
    public ProbeTarget Target => target;

    public ProbeSettings Settings => settings;

    /// <summary>Makes an attempt on a connection of its own.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="failed">Makes a result of the line that says why the attempt failed.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
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

    /// <summary>Makes an attempt that brings its own connection.</summary>
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
