using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>Tracks whether the caller still waits for an answer. Dispose it before anything else reads.</summary>
internal sealed class CallerPresence : IAsyncDisposable
{
    /// <summary>
    /// A caller that has only ended its own side, as <c>nc -N</c> does, looks the same as one that has closed the connection. It is waited
    /// for a little longer: long enough for a destination whose first answer was lost, which TCP asks again after a second (RFC 6298
    /// section 2).
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _connection;
    private readonly TimeProvider _timeProvider;
    private readonly Action<Exception> _onCallbackFailed;
    private readonly CancellationTokenSource _left = new();
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenRegistration _closed;
    private readonly CancellationTokenRegistration _stopping;
    private readonly Lock _gate = new();
    private readonly ITimer _looks;
    private Task _look = Task.CompletedTask;
    private Task? _canceled;

    /// <param name="connection">The caller's connection.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="onCallbackFailed">Gets what the application's callbacks throw.</param>
    public CallerPresence(ConnectionContext connection, TimeProvider timeProvider, Action<Exception> onCallbackFailed)
    {
        _onCallbackFailed = onCallbackFailed;
        _connection = connection;
        _timeProvider = timeProvider;
        _stopping = (connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default)
            .UnsafeRegister(static state => ((CallerPresence)state!).Cancel(), this);
        _closed = connection.ConnectionClosed.UnsafeRegister(static state => ((CallerPresence)state!).OnClosed(), this);
        _looks = timeProvider.CreateTimer(static state => ((CallerPresence)state!).OnLook(), this, LookInterval, LookInterval);
    }

    /// <summary>Canceled when the caller no longer waits.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>Whether the caller ended its side properly. It may still read an answer.</summary>
    public bool HasEnded { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _looks.DisposeAsync();
        await _closed.DisposeAsync();
        await _stopping.DisposeAsync();
        if (!_look.IsCompleted)
        {
            await _over.CancelAsync();
            await _look;
        }

        await (_canceled ?? Task.CompletedTask);
        _over.Dispose();
        _left.Dispose();
    }

    private void OnClosed() => _look = LookAsync();

    /// <summary>Kestrel does not see a reset behind bytes that wait for the tunnel and fill its buffer.</summary>
    private void OnLook()
    {
        if (BrokenSocket.IsBroken(_connection.Features.Get<IConnectionSocketFeature>()?.Socket))
        {
            Cancel();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            // Kestrel reports both ends in the same way. Only reading tells a reset from an end.
            var result = await _connection.Transport.Input.ReadAsync(_over.Token);
            _connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            await Task.Delay(Grace, _timeProvider, _over.Token);
            HasEnded = true;
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // It is gone.
        }

        Cancel();
    }

    private void Cancel()
    {
        lock (_gate)
        {
            _canceled ??= CancelAsync();
        }
    }

    /// <summary>The application's callbacks may throw: not on the timer's thread, nor where Kestrel stops or the CONNECT ends.</summary>
    private async Task CancelAsync()
    {
        try
        {
            await _left.CancelAsync();
        }
#pragma warning disable CA1031 // Application code may throw anything.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _onCallbackFailed(exception);
        }
    }
}
