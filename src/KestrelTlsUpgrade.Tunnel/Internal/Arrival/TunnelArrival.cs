using System.Buffers;
using KestrelTlsUpgrade.Connections.Peeking;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Waits for a connection's first bytes as long as Kestrel would, and examines them. Consumes the head of a CONNECT, and nothing of
/// anything else.
/// </summary>
internal sealed class TunnelArrival(KestrelServerLimits limits, TimeProvider timeProvider) : IPeekClassifier<ArrivedRequest>
{
    public long MaxHeadLength => (long)limits.MaxRequestLineSize + limits.MaxRequestHeadersTotalSize;

    public ValueTask<ArrivedRequest> ReceiveAsync(ConnectionContext connection) => PeekLoop.RunAsync<TunnelArrival, ArrivedRequest>(
        connection, this, limits.KeepAliveTimeout, limits.RequestHeadersTimeout, timeProvider);

    PeekVerdict<ArrivedRequest> IPeekClassifier<ArrivedRequest>.Classify(in ReadOnlySequence<byte> bytes)
    {
        var kind = FirstRequest.Classify(bytes, MaxHeadLength, out var length);
        switch (kind)
        {
            case FirstRequestKind.Connect:
                var request = ConnectHeadReader.Read(bytes.Slice(0, length), limits, out var status);
                return PeekVerdict<ArrivedRequest>.Take(length, new(kind, request, status));
            case FirstRequestKind.Other when LeadingOptions.FindHead(bytes) is > 0 and var headLength:
                return PeekVerdict<ArrivedRequest>.Leave(new(FirstRequestKind.LeadingOptions, HeadLength: headLength));
            case FirstRequestKind.Undecided or FirstRequestKind.Incomplete:
                return PeekVerdict<ArrivedRequest>.Undecided(new(kind));
            default:
                return PeekVerdict<ArrivedRequest>.Leave(new(kind));
        }
    }

    /// <summary>A CONNECT whose head is incomplete is ours to end. Kestrel judges everything else that has arrived.</summary>
    ArrivedRequest IPeekClassifier<ArrivedRequest>.End(ConnectionContext connection, PeekEnd end, ArrivedRequest last, bool isSilent)
    {
        if (end is PeekEnd.TimedOut or PeekEnd.ShutDown)
        {
            if (last.Kind is FirstRequestKind.Incomplete)
            {
                return new(end is PeekEnd.TimedOut ? FirstRequestKind.TimedOut : FirstRequestKind.Ended);
            }

            if (isSilent)
            {
                EndedConnection.Tag(connection, isTimedOut: end is PeekEnd.TimedOut);
                return new(FirstRequestKind.Ended);
            }
        }

        return new(FirstRequestKind.Other);
    }
}
