using System.Net.Security;
using System.Runtime.CompilerServices;
using KestrelTlsUpgrade.Client.Internal.Sending;

namespace KestrelTlsUpgrade.Client.Internal.Switching;

/// <summary>
/// An upgraded connection as HTTP sees it. Ends TLS with close_notify, never takes the end of the connection for the end of a
/// response (RFC 2818 section 2.2), and lets each request know what it is sent over.
/// </summary>
internal sealed class UpgradedStream(SslStream tls, TransportStream transport, TlsUpgradeInfo info) : WrappedStream(tls)
{
    private bool _isInResponse;
    private int _reads;
    private int _writes;
    private int _isDisposed;

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
            SendCloseNotify();
            base.Dispose(disposing);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> reading, int length) => EndRead(await reading, length);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(ValueTask writing)
    {
        await writing;
        EndWrite();
    }

    private void BeginWrite()
    {
        Begin(ref _writes);
        if (RequestScope.Current is { } scope && scope.Connection != info)
        {
            // Another request. The one before it has had its response, or the connection would not have been free. What is
            // written outside of any request, as content that somebody else pushes, belongs to the one that is under way.
            scope.Connection = info;
            _isInResponse = false;
        }
    }

    private void EndWrite() => Interlocked.Decrement(ref _writes);

    /// <summary>What fails stays counted: TLS is then in no state to say anything more.</summary>
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
    /// An end of the connection in the middle of a response is an error, unless TLS said that it ends there. Before the first
    /// byte it is an ordinary end, after which the pool may repeat the request on another connection.
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
        // SslStream takes no lock for its last alert, so nothing else may be going on in TLS: no write, and no read but one that
        // waits for the connection, from where it then gets nothing any more.
        if (Volatile.Read(ref _writes) != 0 || (Volatile.Read(ref _reads) != 0 && !transport.TryStopReading()))
        {
            return;
        }

        try
        {
            // The alert goes to the socket's buffer at once if it has room. If it has none, the peer does not read anyway, and
            // whoever disposes must not wait for it.
            var sending = ((SslStream)Inner).ShutdownAsync();
            if (!sending.IsCompletedSuccessfully)
            {
                _ = ObserveAsync(sending);
            }
        }
        catch (Exception)
        {
            // TLS is broken, the peer is gone or TLS has ended; what that throws depends on the platform. The connection ends
            // all the same.
        }
    }

    private static async Task ObserveAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception)
        {
            // As above.
        }
    }
}
