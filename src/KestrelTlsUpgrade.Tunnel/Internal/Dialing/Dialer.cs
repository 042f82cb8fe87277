using System.Net;
using System.Net.Sockets;

namespace KestrelTlsUpgrade.Tunnel.Internal.Dialing;

/// <summary>Connects to the first of several addresses that answers (RFC 8305 section 5).</summary>
/// <param name="connect">Connects to one address.</param>
/// <param name="timeProvider">The clock of the delay between attempts.</param>
internal sealed class Dialer(Func<IPEndPoint, CancellationToken, Task<Socket>> connect, TimeProvider timeProvider)
{
    /// <summary>How long an attempt runs before the next one starts in parallel.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    public Dialer(TimeProvider timeProvider)
        : this(ConnectAsync, timeProvider)
    {
    }

    /// <param name="addresses">The addresses in order of preference. At least one.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Cancels all attempts.</param>
    /// <exception cref="SocketException">No address could be connected to. This is the error of the last attempt.</exception>
    public async Task<Socket> DialAsync(IReadOnlyList<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        if (addresses.Count == 1)
        {
            return await connect(new IPEndPoint(addresses[0], port), cancellationToken);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var order = AddressOrder.Interleave(addresses);
        var attempts = new List<Task<Socket>>();
        var next = 0;
        try
        {
            while (true)
            {
                if (next < order.Length)
                {
                    attempts.Add(connect(new IPEndPoint(order[next++], port), stop.Token));
                }

                var ended = await WaitAsync(attempts, isLast: next == order.Length, stop.Token);
                if (ended is null)
                {
                    continue;
                }

                if (ended.IsCompletedSuccessfully || (attempts.Count == 1 && next == order.Length))
                {
                    attempts.Remove(ended);
                    return await ended;
                }

                attempts.Remove(ended);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await stop.CancelAsync();
            attempts.ForEach(Abandon);
        }
    }

    /// <summary>Waits until an attempt ends or the next one is due.</summary>
    private async Task<Task<Socket>?> WaitAsync(List<Task<Socket>> attempts, bool isLast, CancellationToken cancellationToken)
    {
        if (isLast)
        {
            return await Task.WhenAny(attempts);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(AttemptDelay, timeProvider, stop.Token);
        var ended = await Task.WhenAny([.. attempts, delay]);
        await stop.CancelAsync();
        return ended as Task<Socket>;
    }

    /// <summary>An attempt that lost the race may still succeed.</summary>
    private static void Abandon(Task<Socket> attempt) => attempt.ContinueWith(
        static ended =>
        {
            if (ended.IsCompletedSuccessfully)
            {
                ended.Result.Dispose();
            }
            else
            {
                _ = ended.Exception;
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private static async Task<Socket> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
