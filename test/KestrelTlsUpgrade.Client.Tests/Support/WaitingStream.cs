using KestrelTlsUpgrade.Client.Internal.Switching;

namespace KestrelTlsUpgrade.Client.Tests.Support;

/// <summary>The client's end of a connection, which shows whether the client has dealt with all that it got and waits for more.</summary>
internal sealed class WaitingStream(Stream inner) : WrappedStream(inner)
{
    private long _received;
    private bool _isWaiting;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _isWaiting, true);
        var count = await Inner.ReadAsync(buffer, cancellationToken);
        Volatile.Write(ref _isWaiting, false);
        Interlocked.Add(ref _received, count);
        return count;
    }

    /// <summary>Whether the client waits for more than a number of octets.</summary>
    public bool WaitsBehind(long count) => Volatile.Read(ref _isWaiting) && Interlocked.Read(ref _received) == count;
}
