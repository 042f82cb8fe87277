extern alias Client;
using System.Text;
using Client::KestrelTlsUpgrade.Client.Internal;
using Client::KestrelTlsUpgrade.Client.Internal.Negotiation;
using KestrelTlsUpgrade.Fuzzing.Input;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// The answer to an upgrade request: the same however it comes, with its content skipped to where the next byte counts, and read no
/// further than the limits.
/// </summary>
internal static class AnswerTarget
{
    private const int MaxMemory = 128 * 1024;

    private const int MaxMemoryPerByte = 512;

    private static readonly AnswerReader.Limits[] Limits = [new(16 * 1024, 64 * 1024, 8), new(96, 64, 1), new(2048, 300, 0)];

    public static void Run(FuzzInput input)
    {
        var limits = input.Pick(Limits);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = Read(input.Wire.Length == 0 ? [] : [input.Wire], limits, input.Wire);
        var memory = GC.GetAllocatedBytesForCurrentThread() - before;
        Oracle.Holds(memory < MaxMemory + (MaxMemoryPerByte * (long)input.Wire.Length), "Memory is that of the limits.");
        Oracle.Same(whole, Read(input.Cut(input.Wire), limits, input.Wire), "An answer is the same however it is cut up.");
    }

    private static Outcome? Read(IReadOnlyList<ReadOnlyMemory<byte>> pieces, AnswerReader.Limits limits, byte[] wire)
    {
        var stream = new SegmentedStream(pieces);
        var reader = new AnswerReader(stream, limits, "peer");
        AnswerHead head;
        try
        {
            head = Oracle.AtOnce(reader.ReadHeadAsync(CancellationToken.None));
        }
        catch (UpgradeException)
        {
            return null;
        }

        var end = stream.Consumed - reader.Buffered;
        Check(head, wire.AsSpan(0, end), limits);
        var isSkipped = Oracle.AtOnce(reader.TrySkipContentAsync(head, CancellationToken.None));
        var next = stream.Consumed - reader.Buffered;
        CheckContent(head, wire, end, next, isSkipped, limits);
        return new(head.Status, head.Reason, head.TlsToken, head.IsPersistent, head.Content, end, isSkipped, isSkipped ? next : 0);
    }

    private static void Check(AnswerHead head, ReadOnlySpan<byte> wire, AnswerReader.Limits limits)
    {
        var start = wire[..^4].LastIndexOf("\r\n\r\n"u8);
        var bytes = wire[(start < 0 ? 0 : start + 4)..];
        var plain = WireHead.Read(bytes);
        Oracle.Holds(bytes.Length <= limits.HeadSize, "A head has its limit.");
        Oracle.Holds(plain.StartLine.StartsWith($"HTTP/1.{plain.StartLine[7]} {head.Status}", StringComparison.Ordinal), "The status is that of the line.");
        Oracle.Holds(head.Status is 101 or >= 200 and < 1000, "The answer is final.");
        Oracle.Holds(plain.StartLine.Contains(head.Reason, StringComparison.Ordinal), "The reason is that of the line.");
        Oracle.Same(plain.GetMembers("Upgrade").FirstOrDefault(IsTls), head.TlsToken, "The token is that of the head.");
        Oracle.Same(
            plain.StartLine[7] != '0' && !plain.GetMembers("Connection").Any(static option => WireHead.Is(option, "close")),
            head.IsPersistent,
            "The connection goes on unless the head says otherwise.");

        var verdict = head.Judge(bytesBehind: 0);
        Oracle.Same(head.Status == 101 && head.TlsToken is not null, verdict is AnswerHead.Verdict.Switch, "TLS begins after a 101 that names it.");
        Oracle.Holds(head.Judge(bytesBehind: 1) is not AnswerHead.Verdict.Switch, "Nothing comes before TLS.");
        if (head.Status is >= 200 and not (204 or 304))
        {
            var lengths = plain.GetValues("Content-Length");
            var codings = plain.GetValues("Transfer-Encoding");
            Oracle.Holds(lengths.Count == 0 || codings.Count == 0, "Content has one end.");
            Oracle.Holds(head.Content is not AnswerHead.Framing.Length || lengths.TrueForAll(value => long.Parse(value) == head.ContentLength), "Content has one length.");
            Oracle.Same(codings is [var coding] && WireHead.Is(coding, "chunked"), head.Content is AnswerHead.Framing.Chunked, "Content is chunked if it says so.");
        }
    }

    private static void CheckContent(AnswerHead head, byte[] wire, int end, int next, bool isSkipped, AnswerReader.Limits limits)
    {
        if (!isSkipped)
        {
            return;
        }

        Oracle.Holds(next - end <= limits.ContentSize, "Content has its limit.");
        Oracle.Holds(head.Content is not AnswerHead.Framing.UntilClose, "What ends with the connection cannot be skipped.");
        var expected = head.Content switch
        {
            AnswerHead.Framing.Length => end + (int)head.ContentLength,
            AnswerHead.Framing.Chunked => end + ChunkedTarget.FindEnd(Encoding.Latin1.GetString(wire, end, wire.Length - end)).End,
            _ => end,
        };
        Oracle.Same(expected, next, "The next byte is the one behind the content.");
    }

    private static bool IsTls(string member) => member.ToUpperInvariant() is "TLS" or "TLS/1.0" or "TLS/1.1" or "TLS/1.2" or "TLS/1.3";

    private sealed record Outcome(
        int Status, string Reason, string? Token, bool IsPersistent, AnswerHead.Framing Content, int End, bool IsSkipped, int Next);
}
