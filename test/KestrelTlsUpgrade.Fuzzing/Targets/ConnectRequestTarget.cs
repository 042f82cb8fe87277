using System.Buffers;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using KestrelTlsUpgrade.Tunnel.Internal.Policy;
using KestrelTlsUpgrade.Tunnel.Internal.Target;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The first request of a proxy's connection: the same verdict however it comes, and a CONNECT means one thing.</summary>
internal static class ConnectRequestTarget
{
    private static readonly KestrelServerLimits[] Limits =
    [
        new(),
        new() { MaxRequestLineSize = 32, MaxRequestHeadersTotalSize = 128, MaxRequestHeaderCount = 4 },
    ];

    private static readonly ServedHosts Hosts = new(new ConnectTunnelOptions { ServedHosts = { "own.test" } }, new ServiceCollection().BuildServiceProvider());

    public static void Run(FuzzInput input)
    {
        var limits = input.Pick(Limits);
        var arrival = new TunnelArrival(limits, Hosts, TimeProvider.System);
        var maxLength = arrival.MaxHeadLength;
        CheckClassification(input, maxLength);

        var pieces = input.Cut(input.Wire);
        var reader = new SegmentedPipeReader(pieces, input.Flip());
        var arrived = Oracle.AtOnce(arrival.ReceiveAsync(SegmentedConnection.Create(reader)));
        Oracle.Same(Expect(pieces, limits.MaxRequestLineSize, maxLength, out var taken), arrived.Kind, "The first piece that is enough says what comes.");
        Oracle.Same(taken, reader.Consumed, "Nothing is taken but the head of a CONNECT.");
        if (arrived.Kind is ArrivedRequestKind.Connect)
        {
            CheckRequest(input, arrived, (int)taken, limits);
        }
    }

    private static void CheckClassification(FuzzInput input, long maxLength)
    {
        var bytes = new ReadOnlySequence<byte>(input.Wire);
        var kind = ConnectHead.Classify(bytes, maxLength, out var length);
        Oracle.Same(kind, ConnectHead.Classify(input.CutWire(), maxLength, out var cutLength), "Bytes mean the same however they are cut up.");
        Oracle.Same(length, cutLength, "A head ends where it ends.");
        Oracle.Same(kind is ArrivedRequestKind.Connect, length > 0, "A CONNECT has a head, and nothing else does.");

        var early = ConnectHead.Classify(bytes.Slice(0, input.Choose(input.Wire.Length + 1)), maxLength, out _);
        var isOpen = early is ArrivedRequestKind.Undecided or ArrivedRequestKind.Incomplete;

        // Too long it is until a line that ends wrongly says otherwise: either is refused.
        var isRefusedEither = early is ArrivedRequestKind.TooLong && kind is ArrivedRequestKind.Malformed;
        Oracle.Holds(early == kind || isOpen || isRefusedEither, "More bytes do not change a verdict.");
        Oracle.Holds(early is not ArrivedRequestKind.Incomplete || kind is not (ArrivedRequestKind.Undecided or ArrivedRequestKind.Other), "A CONNECT stays one.");
    }

    private static ArrivedRequestKind Expect(
        IReadOnlyList<ReadOnlyMemory<byte>> pieces, int maxLineLength, long maxLength, out long taken)
    {
        var arrived = Array.Empty<byte>();
        var last = ArrivedRequestKind.Undecided;
        foreach (var piece in pieces)
        {
            arrived = [.. arrived, .. piece.Span];
            var bytes = new ReadOnlySequence<byte>(arrived);
            var kind = ConnectHead.Classify(bytes, maxLength, out taken);
            if (kind is ArrivedRequestKind.Other)
            {
                kind = RequestStart.Classify(bytes, maxLineLength, Hosts, null, out _) switch
                {
                    RequestStartKind.Undecided => ArrivedRequestKind.Undecided,
                    RequestStartKind.Misdirected => ArrivedRequestKind.Misdirected,
                    RequestStartKind.Connect => ArrivedRequestKind.Malformed,
                    _ => kind,
                };
            }

            last = kind;
            if (kind is not (ArrivedRequestKind.Undecided or ArrivedRequestKind.Incomplete))
            {
                return kind;
            }
        }

        taken = 0;
        return arrived.Length == 0 ? ArrivedRequestKind.Left
            : last is ArrivedRequestKind.Incomplete ? ArrivedRequestKind.BrokenOff
            : ArrivedRequestKind.Unclear;
    }

    private static void CheckRequest(FuzzInput input, ArrivedRequest arrived, int length, KestrelServerLimits limits)
    {
        var bytes = new ReadOnlySequence<byte>(input.Wire, 0, length);
        var request = ConnectHeadReader.Read(bytes, limits, out var status);
        Oracle.Same((request, status), (arrived.Request, arrived.Status), "A head means the same however it came.");
        Oracle.Holds(status is 200 or 400 or 414 or 431 or 505, "The status is one that is documented.");
        Oracle.Same(status == 200, request is not null, "What is refused is no request.");
        if (request is not null)
        {
            Check(request, input.Wire.AsSpan(0, length).TrimStart("\r\n"u8), limits);
        }
    }

    private static void Check(ConnectRequest request, ReadOnlySpan<byte> bytes, KestrelServerLimits limits)
    {
        var head = WireHead.Read(bytes);
        Oracle.Holds(head.StartLine.Split(' ') is ["CONNECT", _, "HTTP/1.1" or "HTTP/1.0"], "A CONNECT is three words.");
        var authority = head.StartLine.Split(' ')[1];
        Oracle.Same(request.Target, ConnectTarget.Parse(authority), "Only the target says where the tunnel leads.");
        AuthorityTarget.Check(request.Target, authority);

        var hosts = head.GetValues("Host");
        Oracle.Holds(hosts.Count == 1 || (hosts.Count == 0 && head.StartLine.EndsWith('0')), "There is one host, but for HTTP/1.0.");
        Oracle.Holds(hosts.TrueForAll(static host => ConnectTarget.IsHost(host)), "A host is one.");
        Oracle.Holds(head.GetValues("Transfer-Encoding").Count == 0, "A CONNECT has no content.");
        Oracle.Holds(head.GetValues("Content-Length").TrueForAll(static length => length == "0"), "A CONNECT has no content.");
        var credentials = head.GetValues("Proxy-Authorization");
        Oracle.Holds(credentials.Count < 2, "A caller is one.");
        Oracle.Same(credentials.FirstOrDefault(), request.ProxyAuthorization, "The credentials are those of the head.");
        Oracle.Holds(request.ProxyAuthorization?.All(static c => c is >= ' ' and <= '~') != false, "Credentials have no line ends in them.");
        Oracle.Holds(head.Fields.Count <= limits.MaxRequestHeaderCount, "Kestrel's limit of the number of fields holds.");
        Oracle.Holds(head.StartLine.Length + 2 <= limits.MaxRequestLineSize, "Kestrel's limit of the request line holds.");
        Oracle.Holds(bytes.Length - head.StartLine.Length - 2 <= limits.MaxRequestHeadersTotalSize, "Kestrel's limit of the fields holds.");
    }
}
