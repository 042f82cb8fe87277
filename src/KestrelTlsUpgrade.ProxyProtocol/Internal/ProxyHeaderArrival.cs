using System.Buffers;
using KestrelTlsUpgrade.Connections.Peeking;
using KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;
using Microsoft.AspNetCore.Connections;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal;

/// <summary>Waits for the header of a connection and consumes it. The bytes after it stay unread.</summary>
internal sealed class ProxyHeaderArrival(TimeSpan timeout, TimeProvider timeProvider) : IPeekClassifier<ProxyHeader>
{
    /// <summary>
    /// Returns the header, or an invalid one if none arrives in time. Returns an incomplete one if nothing is wrong: the proxy closed the
    /// connection before it sent anything, or the server shuts down.
    /// </summary>
    public ValueTask<ProxyHeader> ReceiveAsync(ConnectionContext connection) =>
        PeekLoop.RunAsync<ProxyHeaderArrival, ProxyHeader>(connection, this, timeout, timeoutOnceBegun: null, timeProvider);

    PeekVerdict<ProxyHeader> IPeekClassifier<ProxyHeader>.Classify(in ReadOnlySequence<byte> bytes)
    {
        var header = ProxyHeaderReader.Read(bytes);
        return header.Kind is ProxyHeaderKind.Incomplete
            ? PeekVerdict<ProxyHeader>.Undecided(header)
            : PeekVerdict<ProxyHeader>.Take(header.Length, header);
    }

    ProxyHeader IPeekClassifier<ProxyHeader>.End(ConnectionContext connection, PeekEnd end, ProxyHeader last, bool isSilent) => end switch
    {
        PeekEnd.Completed when !isSilent => ProxyHeader.Invalid("the connection ended within it"),
        PeekEnd.TimedOut => ProxyHeader.Invalid("it did not come in time"),
        _ => ProxyHeader.Incomplete,
    };
}
