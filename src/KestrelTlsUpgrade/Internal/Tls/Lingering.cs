using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace KestrelTlsUpgrade.Internal.Tls;

/// <summary>
/// The time between the last response and the close (RFC 9112 section 9.6). Closing while the client still sends resets the connection,
/// and discards what it has not received of the response. So what it sends is read and discarded, within limits, until it closes. TLS is
/// over by then, so nothing is decrypted.
/// </summary>
internal static class Lingering
{
    /// <summary>How long a client may send nothing and not close.</summary>
    private static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long it may go on sending.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>How many octets are discarded, as many as a request may have by default in Kestrel.</summary>
    private const int MaxDiscarded = 30_000_000;

    /// <summary>Waits for the client to close. Does not wait while the server shuts down. Returns whether the client has reset the connection.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<bool> RunAsync(ConnectionContext connection, TimeProvider timeProvider)
    {
        var input = connection.Transport.Input;
        var shutdown = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        try
        {
            var discarded = 0L;
            while (input.TryRead(out var arrived))
            {
                discarded += arrived.Buffer.Length;
                input.AdvanceTo(arrived.Buffer.End);
                if (arrived.IsCompleted || discarded > MaxDiscarded)
                {
                    return false;
                }
            }

            if (!shutdown.IsCancellationRequested && !connection.ConnectionClosed.IsCancellationRequested)
            {
                await DiscardAsync(input, discarded, timeProvider, shutdown);
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client is gone.
            return exception is ConnectionResetException;
        }

        return false;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask DiscardAsync(PipeReader input, long discarded, TimeProvider timeProvider, CancellationToken shutdown)
    {
        var startedAt = timeProvider.GetTimestamp();
        using var silence = new CancellationTokenSource(SilenceTimeout, timeProvider);
        using var onSilence = silence.Token.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), input);
        using var onShutdown = shutdown.UnsafeRegister(static input => ((PipeReader)input!).CancelPendingRead(), input);
        while (discarded <= MaxDiscarded && timeProvider.GetElapsedTime(startedAt) < Timeout)
        {
            var read = await input.ReadAsync(CancellationToken.None);
            discarded += read.Buffer.Length;
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return;
            }

            silence.CancelAfter(SilenceTimeout);
        }
    }
}
