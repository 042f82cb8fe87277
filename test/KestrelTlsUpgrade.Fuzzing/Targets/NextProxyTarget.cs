using System.Text;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>The next proxy's answer to a CONNECT: the same however it comes, nothing lost behind it, and no more read than there may be.</summary>
internal static class NextProxyTarget
{
    /// <summary>Two buffers of the size that an answer may have, and what is made of the bytes.</summary>
    private const int MaxMemory = 4 * NextProxy.MaxAnswerSize;

    private const int MaxMemoryPerByte = 512;

    public static void Run(FuzzInput input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var whole = Read(input.Wire.Length == 0 ? [] : [input.Wire], out var early, out var consumed);
        var memory = GC.GetAllocatedBytesForCurrentThread() - before;
        Oracle.Holds(memory < MaxMemory + (MaxMemoryPerByte * (long)input.Wire.Length), "Memory is that of the limits.");

        var cut = Read(input.Cut(input.Wire), out var cutEarly, out var cutConsumed);
        Oracle.Same(whole?.Status, cut?.Status, "An answer is the same however it is cut up.");
        if (whole is null || cut is null)
        {
            return;
        }

        Oracle.Holds(whole.Fields.SequenceEqual(cut.Fields), "An answer is the same however it is cut up.");
        Oracle.Holds(whole.Content.Span.SequenceEqual(cut.Content.Span), "Content is the same however it is cut up.");
        Check(whole, early, input.Wire.AsSpan(consumed - early.Length));
        if (whole.IsTunnel)
        {
            Oracle.Same(consumed - early.Length, cutConsumed - cutEarly.Length, "A tunnel begins where the head ends.");
            Oracle.Holds(input.Wire.AsSpan(cutConsumed - cutEarly.Length, cutEarly.Length).SequenceEqual(cutEarly.Span), "Early bytes are what came.");
        }
    }

    private static void Check(NextProxyAnswer answer, ReadOnlyMemory<byte> early, ReadOnlySpan<byte> behind)
    {
        Oracle.Holds(answer.Status is >= 200 and < 600, "An answer is final.");
        Oracle.Holds(answer.IsTunnel == answer.Status < 300, "A tunnel is open if the status says so.");
        Oracle.Holds(behind.StartsWith(early.Span), "Early bytes are what came.");
        Oracle.Holds(!answer.IsTunnel || answer.Content.IsEmpty, "A tunnel has no content.");
        Oracle.Holds(answer.Content.Length <= NextProxy.MaxAnswerSize, "Content has its limit.");
        var lengths = answer.GetValues("Content-Length").Distinct().ToList();
        var isChunked = answer.GetValues("Transfer-Encoding").Any();
        Oracle.Holds(
            answer.Content.IsEmpty || isChunked || lengths.Count == 0 || lengths is [var length] && int.Parse(length) == answer.Content.Length,
            "Content is there in full.");
        foreach (var (name, value) in answer.Fields)
        {
            Oracle.Holds(!HasLineEnd(name) && !HasLineEnd(value), "No field has another one in it.");
            Oracle.Holds(name.Length > 0 && !name.Contains(':'), "A name ends at the colon.");
        }

        var head = new StringBuilder($"HTTP/1.1 {answer.Status}");
        foreach (var (name, value) in answer.Fields)
        {
            head.Append("\r\n").Append(name).Append(':').Append(value);
        }

        head.Append("\r\n\r\n");
        var (again, _) = Oracle.AtOnce(NextProxyAnswer.ReadAsync(
            new SegmentedStream([Encoding.Latin1.GetBytes(head.ToString())]), TimeProvider.System, CancellationToken.None));
        Oracle.Holds(again.Status == answer.Status && again.Fields.SequenceEqual(answer.Fields), "Written anew it is the same answer.");
    }

    private static NextProxyAnswer? Read(IReadOnlyList<ReadOnlyMemory<byte>> pieces, out ReadOnlyMemory<byte> early, out int consumed)
    {
        var stream = new SegmentedStream(pieces);
        try
        {
            (var answer, early) = Oracle.AtOnce(NextProxyAnswer.ReadAsync(stream, TimeProvider.System, CancellationToken.None));
            return answer;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            early = default;
            return null;
        }
        finally
        {
            consumed = stream.Consumed;
            Oracle.Holds(consumed <= (2 * NextProxy.MaxAnswerSize) + 1, "No more is read than an answer may have.");
        }
    }

    private static bool HasLineEnd(string text) => text.AsSpan().ContainsAny('\r', '\n', '\0');
}
