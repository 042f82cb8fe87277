using KestrelTlsUpgrade.Internal.Switching;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// The end of a connection after everything has been sent to the caller. If the caller is still sending, a reset must not destroy those
/// last bytes (RFC 9112 section 9.6), so its data is read and discarded for a while.
/// </summary>
internal sealed class LastBytes
{
    /// <summary>A caller that has been silent this long needs no further waiting.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _connection;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _linger;
    private readonly long _since;

    private LastBytes(ConnectionContext connection, TimeSpan linger, TimeProvider timeProvider)
    {
        _connection = connection;
        _timeProvider = timeProvider;
        _linger = linger;
        _since = timeProvider.GetTimestamp();
    }

    /// <summary>Delivers the last bytes to the caller. Kestrel closes the connection afterwards.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isEndAwaited">
    /// Whether the caller may need the end of the connection to know that it has received everything. If not, the caller gets time to close
    /// first.
    /// </param>
    /// <param name="linger">The total time this may take.</param>
    /// <param name="timeProvider">The clock.</param>
    public static async Task DeliverAsync(ConnectionContext connection, bool isEndAwaited, TimeSpan linger, TimeProvider timeProvider)
    {
        var last = new LastBytes(connection, linger, timeProvider);

        // Kestrel waits without a limit for the caller to receive what is buffered in the transport.
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((LastBytes)state).OnHeartbeat(), last);
        if (connection.Features.Get<ISslStreamFeature>() is { } tls)
        {
            await CloseNotify.SendAsync(tls.SslStream, connection.ConnectionClosed);
        }

        await last.DiscardAsync(isEndAwaited);
    }

    private async Task DiscardAsync(bool isEndAwaited)
    {
        var input = _connection.Transport.Input;
        try
        {
            if (isEndAwaited)
            {
                if (!input.TryRead(out var pending))
                {
                    return;
                }

                input.AdvanceTo(pending.Buffer.End);
            }

            while (_timeProvider.GetElapsedTime(_since) < _linger)
            {
                using var quiet = new CancellationTokenSource(Quiet, _timeProvider);
                var result = await input.ReadAsync(quiet.Token);
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The caller is silent or gone.
        }
    }

    private void OnHeartbeat()
    {
        if (_timeProvider.GetElapsedTime(_since) > _linger)
        {
            _connection.Abort(new ConnectionAbortedException("The last bytes of a tunnel were not taken in time."));
        }
    }
}
