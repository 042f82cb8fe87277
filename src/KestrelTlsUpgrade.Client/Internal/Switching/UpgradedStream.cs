using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// An upgraded connection as HTTP sees it. Ends TLS with close_notify, never mistakes the end of the connection for the end of a response
/// (RFC 2818 section 2.2), and records on each request which connection it used.
/// </summary>
internal sealed class UpgradedStream(SslStream tls, TransportStream transport, ResponseConnection connection, OpenConnections.Lease lease) : WrappedStream(tls)
{
    private bool _isInResponse;
    private int _reads;
    private int _writes;
    private int _isDisposed;

    public override Socket? Socket => transport.Socket;

    public override int Read(Span<byte> buffer)
    {
        Begin(ref _reads);
        return EndRead(Inner.Read(buffer), buffer.Length);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Begin(ref _reads);
        var reading = Inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new(EndRead(reading.Result, buffer.Length)) : WaitAsync(reading, buffer.Length);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        BeginWrite();
        Inner.Write(buffer);
        EndWrite();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginWrite();
        var writing = Inner.WriteAsync(buffer, cancellationToken);
        if (!writing.IsCompletedSuccessfully)
        {
            return WaitAsync(writing);
        }

        EndWrite();
        return default;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            lease.End();
            SendCloseNotify();
            base.Dispose(disposing);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> reading, int length) => EndRead(await reading.ConfigureAwait(false), length);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(ValueTask writing)
    {
        await writing.ConfigureAwait(false);
        EndWrite();
    }

    private void BeginWrite()
    {
        Begin(ref _writes);
        if (RequestScope.Current is { } scope && scope.Connection != connection)
        {
            // A new request. The previous one has been answered, or the connection would not be free. Data written outside any request,
            // such as pushed content, belongs to the current one.
            scope.Connection = connection;
            _isInResponse = false;
        }
    }

    private void EndWrite() => Interlocked.Decrement(ref _writes);

    /// <summary>A failed write stays counted: TLS cannot send anything afterwards.</summary>
    private void Begin(ref int operations)
    {
        Interlocked.Increment(ref operations);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
    }

    private int EndRead(int count, int length)
    {
        Interlocked.Decrement(ref _reads);
        return Check(count, length);
    }

    /// <summary>
    /// If the connection ends in the middle of a response without close_notify, that is an error. Before the first byte it is a normal end,
    /// after which the pool may repeat the request on another connection.
    /// </summary>
    private int Check(int count, int length)
    {
        if (count > 0)
        {
            _isInResponse = true;
        }
        else if (length > 0 && transport.HasEnded && _isInResponse)
        {
            throw new HttpIOException(
                HttpRequestError.ResponseEnded,
                "The connection ended without close_notify, so the response may be incomplete (RFC 2818 section 2.2.1).");
        }

        return count;
    }

    private void SendCloseNotify()
    {
        // SslStream does not lock for its last alert, so nothing else may use TLS: no write, and only a read that waits for the connection
        // and will get nothing from it.
        if (Volatile.Read(ref _writes) != 0 || (Volatile.Read(ref _reads) != 0 && !transport.TryStopReading()))
        {
            return;
        }

        try
        {
            // If the socket has room, the alert is buffered at once. If not, the peer is not reading, and disposal must not wait for it.
            var sending = ((SslStream)Inner).ShutdownAsync();
            if (!sending.IsCompletedSuccessfully)
            {
                _ = ObserveAsync(sending);
            }
        }
        catch (Exception)
        {
            // TLS is broken, the peer is gone or TLS has ended; the exception depends on the platform. The connection ends in any case.
        }
    }

    private static async Task ObserveAsync(Task sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
