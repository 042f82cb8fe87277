using System.Buffers;
using KestrelTlsUpgrade.Connections.Peeking;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Internal.Arrival;

/// <summary>
/// Waits for a request as long as Kestrel would, and examines its first bytes. Consumes the head of a CONNECT, and nothing of anything
/// else.
/// </summary>
internal sealed class TunnelArrival(KestrelServerLimits limits, ServedHosts hosts, TimeProvider timeProvider)
{
    public long MaxHeadLength => (long)limits.MaxRequestLineSize + limits.MaxRequestHeadersTotalSize;

    public int MaxLineLength => limits.MaxRequestLineSize;

    public ServedHosts Hosts => hosts;

    public ValueTask<ArrivedRequest> ReceiveAsync(ConnectionContext connection) => PeekLoop.RunAsync<Classifier, ArrivedRequest>(
        connection, new(this, connection), limits.KeepAliveTimeout, limits.RequestHeadersTimeout, timeProvider);

    private PeekVerdict<ArrivedRequest> Classify(in ReadOnlySequence<byte> bytes, ConnectionContext connection)
    {
        var kind = ConnectHead.Classify(bytes, MaxHeadLength, out var length);
        switch (kind)
        {
            case ArrivedRequestKind.Connect:
                var request = ConnectHeadReader.Read(bytes.Slice(0, length), limits, out var status);
                return PeekVerdict<ArrivedRequest>.Take(length, new(kind, request, status));

            case ArrivedRequestKind.Undecided or ArrivedRequestKind.Incomplete:
                return PeekVerdict<ArrivedRequest>.Undecided(new(kind));

            case ArrivedRequestKind.Other:
                return RequestStart.Classify(bytes, MaxLineLength, hosts, connection.LocalEndPoint, out var misdirected) switch
                {
                    RequestStartKind.Undecided => PeekVerdict<ArrivedRequest>.Undecided(new(ArrivedRequestKind.Undecided)),
                    RequestStartKind.Misdirected => PeekVerdict<ArrivedRequest>.Leave(new(ArrivedRequestKind.Misdirected, Misdirected: misdirected)),

                    // There are too many empty lines before it.
                    RequestStartKind.Connect => PeekVerdict<ArrivedRequest>.Leave(new(ArrivedRequestKind.Malformed)),
                    _ => PeekVerdict<ArrivedRequest>.Leave(new(kind)),
                };

            default:
                return PeekVerdict<ArrivedRequest>.Leave(new(kind));
        }
    }

    /// <summary>A CONNECT whose head is incomplete is ours to end. Kestrel judges everything else that has arrived.</summary>
    private static ArrivedRequest End(ConnectionContext connection, PeekEnd end, ArrivedRequest last, bool isSilent)
    {
        if (end is PeekEnd.TimedOut or PeekEnd.ShutDown)
        {
            if (last.Kind is ArrivedRequestKind.Incomplete)
            {
                return new(end is PeekEnd.TimedOut ? ArrivedRequestKind.TimedOut : ArrivedRequestKind.Ended);
            }

            if (isSilent)
            {
                EndedConnection.Tag(connection, isTimedOut: end is PeekEnd.TimedOut);
                return new(ArrivedRequestKind.Ended);
            }
        }

        return new(
            isSilent ? ArrivedRequestKind.Left
            : last.Kind is ArrivedRequestKind.Incomplete ? ArrivedRequestKind.BrokenOff
            : ArrivedRequestKind.Unclear);
    }

    private readonly struct Classifier(TunnelArrival arrival, ConnectionContext connection) : IPeekClassifier<ArrivedRequest>
    {
        public PeekVerdict<ArrivedRequest> Classify(in ReadOnlySequence<byte> bytes) => arrival.Classify(bytes, connection);

        public ArrivedRequest End(ConnectionContext connection, PeekEnd end, ArrivedRequest last, bool isSilent) =>
            TunnelArrival.End(connection, end, last, isSilent);
    }
}
