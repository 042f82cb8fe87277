extern alias Tunnel;
using System.Buffers;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tests.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tunnel::KestrelTlsUpgrade.Tunnel.Internal.Arrival;
using Tunnel::KestrelTlsUpgrade.Tunnel.Internal.Target;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The first request of a connection that may be a CONNECT: the same verdict however it comes, and nothing strange is served.</summary>
internal static class ConnectHeadTarget
{
    private static readonly KestrelServerLimits[] Limits =
    [
        new(), new() { MaxRequestLineSize = 40, MaxRequestHeadersTotalSize = 128, MaxRequestHeaderCount = 3 },
    ];

    public static void Run(FuzzInput input)
    {
        var limits = input.Pick(Limits);
        var maxLength = (long)limits.MaxRequestLineSize + limits.MaxRequestHeadersTotalSize;
        var whole = new ReadOnlySequence<byte>(input.Wire);
        var kind = FirstRequest.Classify(whole, maxLength, out var length);
        Oracle.Same((kind, length), (FirstRequest.Classify(input.CutWire(), maxLength, out var cutLength), cutLength), "Bytes mean the same however they are cut up.");

        var prefix = whole.Slice(0, input.Choose(input.Wire.Length + 1));
        var early = FirstRequest.Classify(prefix, maxLength, out var earlyLength);
        Oracle.Holds(
            early is FirstRequestKind.Undecided or FirstRequestKind.Incomplete
                || (early, earlyLength) == (kind, length)
                || (early, kind) is (FirstRequestKind.TooLong, FirstRequestKind.Malformed), // What is refused is refused.
            "More bytes do not change a verdict.");
        if (kind is not FirstRequestKind.Connect)
        {
            Oracle.Same(0L, length, "What is no CONNECT has no head.");
            return;
        }

        Oracle.Holds(length <= maxLength + 64, "A head is bounded.");
        Check(input, whole.Slice(0, length), limits);
    }

    private static void Check(FuzzInput input, ReadOnlySequence<byte> bytes, KestrelServerLimits limits)
    {
        var request = ConnectHeadReader.Read(bytes, limits, out var status);
        var cut = ConnectHeadReader.Read(Sequences.Create(input.Cut(bytes.ToArray())), limits, out var cutStatus);
        Oracle.Same((request, status), (cut, cutStatus), "A head means the same however it is cut up.");
        Oracle.Holds(status is 200 or 400 or 414 or 431 or 505, "Every head has an answer.");
        Oracle.Same(status == 200, request is not null, "There is a request where there is nothing wrong.");
        if (request is null)
        {
            return;
        }

        var head = WireHead.Read(bytes.ToArray().AsSpan().TrimStart("\r\n"u8));
        Oracle.Holds(head.StartLine.Split(' ') is ["CONNECT", _, "HTTP/1.1" or "HTTP/1.0"], "Only CONNECT is served.");
        Oracle.Same(ConnectTarget.Parse(head.StartLine.Split(' ')[1]), request.Target, "The target is where it leads.");
        Oracle.Holds(head.GetValues("Host").Count <= 1, "There is one Host.");
        Oracle.Holds(head.StartLine.EndsWith("1.0", StringComparison.Ordinal) || head.GetValues("Host").Count == 1, "HTTP/1.1 has a Host.");
        Oracle.Holds(head.GetValues("Transfer-Encoding").Count == 0, "CONNECT has no content.");
        Oracle.Holds(head.GetValues("Content-Length").TrueForAll(static value => value == "0"), "CONNECT has no content.");
        Oracle.Same(string.Join('|', head.GetValues("Proxy-Authorization")), request.ProxyAuthorization ?? "", "Credentials are the caller's.");
        Oracle.Holds(head.Fields.Count <= limits.MaxRequestHeaderCount, "Kestrel's limit of the number of fields holds.");
        Oracle.Holds(head.StartLine.Length + 2 <= limits.MaxRequestLineSize, "Kestrel's limit of the request line holds.");
    }
}
