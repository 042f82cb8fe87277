extern alias Client;
extern alias Tool;
using System.Text;
using System.Text.RegularExpressions;
using Client::KestrelTlsUpgrade.Client.Internal;
using Client::KestrelTlsUpgrade.Client.Internal.Negotiation;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Internal.ResponseHead;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using Tool::KestrelTlsUpgrade.Tool.Probing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// The head of a response: judged the same however it is cut up, accepted exactly if the grammar has it, and by the client, the tunnel
/// and the tool alike, except for the rules of their own.
/// </summary>
internal static partial class ResponseHeadTarget
{
    private static readonly int[] Limits = [HeadReader.MaxHeadSize, 1, 7, 40, 200];

    public static void Run(FuzzInput input)
    {
        var limit = input.Pick(Limits);
        var progress = default(HeadProgress);
        var whole = ResponseHeadReader.Judge(input.Wire, limit, ref progress, out var head);
        Oracle.Same((whole, head.Length), JudgePieces(input, limit), "A head is judged the same however it is cut up.");

        var text = Encoding.Latin1.GetString(input.Wire);
        var match = Grammar().Match(text);
        var isHead = match.Success && match.Length <= limit;
        Oracle.Same(isHead, whole is HeadJudgement.Complete, "A head is accepted if the grammar has it.");
        Oracle.Holds(whole is not HeadJudgement.Incomplete || input.Wire.Length < limit, "No more is awaited than the limit.");
        Oracle.Holds(whole is not HeadJudgement.TooLong || input.Wire.Length >= limit, "No head within the limit is too long.");
        if (isHead)
        {
            Oracle.Same(match.Length, head.Length, "A head ends at its empty line.");
            Check(head, WireHead.Read(input.Wire.AsSpan(0, match.Length)));
        }

        if (limit == HeadReader.MaxHeadSize)
        {
            CompareCallers(input.Wire, whole, head);
        }
    }

    private static (HeadJudgement Judgement, int Length) JudgePieces(FuzzInput input, int limit)
    {
        var progress = default(HeadProgress);
        var received = 0;
        foreach (var piece in input.Cut(input.Wire))
        {
            received += piece.Length;
            var judgement = ResponseHeadReader.Judge(input.Wire.AsSpan(0, received), limit, ref progress, out var head);
            if (judgement is not HeadJudgement.Incomplete)
            {
                return (judgement, head.Length);
            }
        }

        return (HeadJudgement.Incomplete, 0);
    }

    private static void Check(ReceivedHead head, WireHead plain)
    {
        var line = head.StatusLine;
        var space = line.Reason.IsEmpty && !plain.StartLine.EndsWith(' ') ? "" : " ";
        Oracle.Same(
            plain.StartLine,
            $"HTTP/1.{line.MinorVersion} {line.Status}{space}{Encoding.Latin1.GetString(line.Reason)}",
            "The status line is that of the head.");
        var fields = new List<(string, string)>();
        foreach (var field in head)
        {
            fields.Add((Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value)));
        }

        Oracle.Holds(fields.SequenceEqual(plain.Fields), "The fields are those of the head.");
    }

    private static void CompareCallers(byte[] wire, HeadJudgement judgement, ReceivedHead head)
    {
        // Callers read on behind an interim response.
        if (judgement is HeadJudgement.Complete && head.StatusLine.Status is < 200 and not 101)
        {
            return;
        }

        var isAccepted = judgement is HeadJudgement.Complete;
        Oracle.Same(isAccepted, IsAccepted<ProbeException>(wire, ReadAsTool), "The tool accepts what is a head.");
        Oracle.Same(
            isAccepted && HasOneEnd(head),
            IsAccepted<UpgradeException>(wire, ReadAsClient),
            "The client accepts what is a head and has no two ends.");
        Oracle.Same(
            isAccepted && head.StatusLine.Status is not (101 or > 599),
            IsAccepted<IOException, InvalidDataException>(wire, ReadAsTunnel),
            "The tunnel accepts what is a head and can answer a CONNECT.");
    }

    /// <summary>Whether the framing of a response is unambiguous (RFC 9112 section 6.3). No framing of a 101 is.</summary>
    private static bool HasOneEnd(ReceivedHead head)
    {
        var lengths = new List<string>();
        var codings = 0;
        foreach (var field in head)
        {
            if (WireHead.Is(Encoding.Latin1.GetString(field.Name), "Content-Length"))
            {
                lengths.Add(Encoding.Latin1.GetString(field.Value));
            }

            codings += WireHead.Is(Encoding.Latin1.GetString(field.Name), "Transfer-Encoding") ? 1 : 0;
        }

        return head.StatusLine.Status == 101
            || (lengths.TrueForAll(static length => Length().IsMatch(length) && long.TryParse(length, out _))
                && lengths.Select(long.Parse).Distinct().Count() + Math.Min(codings, 1) < 2);
    }

    private static void ReadAsTool(byte[] wire) => Oracle.AtOnce(new HeadReader(Open(wire)).ReadAsync(CancellationToken.None));

    private static void ReadAsClient(byte[] wire) =>
        Oracle.AtOnce(new AnswerReader(Open(wire), new(HeadReader.MaxHeadSize, 0, 8), "peer").ReadHeadAsync(CancellationToken.None));

    private static void ReadAsTunnel(byte[] wire) => Oracle.AtOnce(NextProxyAnswer.ReadAsync(Open(wire), TimeProvider.System, CancellationToken.None));

    private static SegmentedStream Open(byte[] wire) => new(wire.Length == 0 ? [] : [wire]);

    private static bool IsAccepted<TException>(byte[] wire, Action<byte[]> read)
        where TException : Exception => IsAccepted<TException, TException>(wire, read);

    private static bool IsAccepted<TException1, TException2>(byte[] wire, Action<byte[]> read)
        where TException1 : Exception
        where TException2 : Exception
    {
        try
        {
            read(wire);
            return true;
        }
        catch (Exception exception) when (exception is TException1 or TException2)
        {
            return false;
        }
    }

    [GeneratedRegex(
        @"\AHTTP/1\.[0-9] [1-9][0-9]{2}(?: [\t\x20-\x7E\x80-\xFF]*)?\r\n(?:[-!#$%&'*+.^_`|~0-9A-Za-z]+:[\t\x20-\x7E\x80-\xFF]*\r\n){0,256}\r\n",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Grammar();

    [GeneratedRegex(@"\A[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Length();
}
