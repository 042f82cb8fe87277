using System.Buffers;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Tunnel.Internal.Arrival;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// What Kestrel reads of a connection that begins with <c>OPTIONS *</c>: all of it, or all before a CONNECT, and that is still there.
/// </summary>
internal static class LeadingRequestTarget
{
    /// <summary>From here on all is taken: choices can be such that nothing is.</summary>
    private const int MaxRounds = 64;

    private static readonly byte[] Head = "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();

    public static void Run(FuzzInput input)
    {
        var maxLength = input.Flip() ? 64 : 4096;
        byte[] wire = [.. Head, .. input.Wire];
        var inner = new SegmentedPipeReader(input.Cut(wire), input.Flip());
        var reader = new LeadingRequestReader(inner, Head.Length, maxLength);
        var consumed = 0;
        var isCompleted = false;
        var end = wire.Length;
        for (var round = 0; !isCompleted || consumed < end; round++)
        {
            if (!input.Flip() || !reader.TryRead(out var read))
            {
                read = Oracle.AtOnce(reader.ReadAsync());
            }

            isCompleted = read.IsCompleted;
            var length = (int)read.Buffer.Length;
            Oracle.Holds(!read.IsCanceled, "Nobody has cancelled.");
            if (reader.IsConnectNext)
            {
                Oracle.Holds(isCompleted && read.Buffer.IsEmpty, "Before a CONNECT the connection ends.");
                end = Head.Length;
            }

            Oracle.Holds(read.Buffer.ToArray().AsSpan().SequenceEqual(wire.AsSpan(consumed, length)), "What comes out is what came.");

            // Kestrel takes the head and no more, as there is no content, and after that whatever it likes.
            var limit = consumed < Head.Length ? Math.Min(length, Head.Length - consumed) : length;
            var taken = round > MaxRounds || (isCompleted && input.Choose(4) == 0) ? limit : input.Choose(limit + 1);
            var seen = consumed + taken == Head.Length || isCompleted ? taken : length;
            reader.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.GetPosition(seen));
            consumed += taken;
        }

        var rest = new ReadOnlySequence<byte>(wire, Head.Length, wire.Length - Head.Length);
        var next = FirstRequest.Classify(rest, maxLength, out _);
        Oracle.Same(next is not (FirstRequestKind.Other or FirstRequestKind.Undecided), reader.IsConnectNext, "It ends before a CONNECT only.");
        Oracle.Same(end, (int)inner.Consumed, "What has not been read is still there.");
    }
}
