using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Internal.Dialing;

/// <summary>
/// A connection on which the server has nothing to say until it is asked. A read stands from the beginning, so that what comes
/// before the first request shows, and is never taken for the answer to it.
/// </summary>
internal sealed class QuietStream : WrappedStream
{
    private readonly byte[] _first = new byte[1];
    private Task<int>? _reading;
    private bool _hasAsked;

    public QuietStream(Stream inner)
        : base(inner) => _reading = inner.ReadAsync(_first).AsTask();

    /// <summary>Whether the server has closed the connection, or said something.</summary>
    public bool HasEndedQuiet => _reading is { IsCompleted: true };

    public override int Read(Span<byte> buffer)
    {
        if (_reading is null)
        {
            return Inner.Read(buffer);
        }

        return buffer.Length == 0 ? 0 : Take(_reading.GetAwaiter().GetResult(), buffer);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _reading is null ? Inner.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(_reading, buffer, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Ask();
        Inner.Write(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Ask();
        return Inner.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // It ends with the connection, and nobody is interested in how.
            _ = _reading?.ContinueWith(
                static reading => reading.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        base.Dispose(disposing);
    }

    private void Ask()
    {
        if (!_hasAsked && HasEndedQuiet)
        {
            throw new IOException("The server closed the connection, or spoke on it without having been asked.");
        }

        _hasAsked = true;
    }

    private async ValueTask<int> ReadFirstAsync(Task<int> reading, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await reading.WaitAsync(cancellationToken);

        // A read without a buffer waits until there is something to read.
        return buffer.Length == 0 ? 0 : Take(count, buffer.Span);
    }

    private int Take(int count, Span<byte> buffer)
    {
        _reading = null;
        _first.AsSpan(0, count).CopyTo(buffer);
        return count;
    }
}
