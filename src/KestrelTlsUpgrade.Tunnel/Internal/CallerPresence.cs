using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal;

/// <summary>
/// Tracks whether the caller still waits for an answer. A caller that has only ended its own side does: Kestrel reports that as the end of
/// the connection, and only reading distinguishes it from a caller that is gone. Dispose it before anything else reads.
/// </summary>
internal sealed class CallerPresence : IAsyncDisposable
{
    private readonly ConnectionContext _connection;
    private readonly CancellationTokenSource _left;
    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenRegistration _closed;
    private Task _look = Task.CompletedTask;

    public CallerPresence(ConnectionContext connection)
    {
        _connection = connection;
        _left = CancellationTokenSource.CreateLinkedTokenSource(
            connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default);
        _closed = connection.ConnectionClosed.UnsafeRegister(static state => ((CallerPresence)state!).OnClosed(), this);
    }

    /// <summary>Canceled when the caller no longer waits.</summary>
    public CancellationToken Left => _left.Token;

    public async ValueTask DisposeAsync()
    {
        await _closed.DisposeAsync();
        if (!_look.IsCompleted)
        {
            await _over.CancelAsync();
            await _look;
        }

        _over.Dispose();
        _left.Dispose();
    }

    private void OnClosed() => _look = LookAsync();

    private async Task LookAsync()
    {
        try
        {
            var result = await _connection.Transport.Input.ReadAsync(_over.Token);
            _connection.Transport.Input.AdvanceTo(result.Buffer.Start);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            await _left.CancelAsync();
        }
    }
}
