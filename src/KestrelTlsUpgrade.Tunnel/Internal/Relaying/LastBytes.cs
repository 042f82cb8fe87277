using KestrelTlsUpgrade.Connections.Pipes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KestrelTlsUpgrade.Tunnel.Internal.Relaying;

/// <summary>
/// The end of a connection on which the caller has been told all there is to tell. A caller that is still sending must not lose
/// that to a reset (RFC 9112 section 9.6): what it sends is thrown away for a while, as bytes that nobody has looked at.
/// </summary>
internal sealed class LastBytes
{
    /// <summary>A caller that has sent nothing for so long does not need to be waited for.</summary>
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

    /// <summary>Lets the caller have the last bytes. Kestrel closes the connection afterwards.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isEndAwaited">
    /// Whether the caller may be waiting for the end of the connection to know that it has everything. Otherwise it is given the
    /// time to close first.
    /// </param>
    /// <param name="linger">How long it may take in all.</param>
    /// <param name="timeProvider">The clock.</param>
    public static async Task DeliverAsync(ConnectionContext connection, bool isEndAwaited, TimeSpan linger, TimeProvider timeProvider)
    {
        var last = new LastBytes(connection, linger, timeProvider);

        // Kestrel waits for the caller to take what is on the transport for as long as that lasts.
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
            // It is quiet, or gone.
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
