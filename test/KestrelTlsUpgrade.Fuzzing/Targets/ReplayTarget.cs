using System.Buffers;
using KestrelTlsUpgrade.Fuzzing.Input;
using KestrelTlsUpgrade.Internal.Replay;

namespace KestrelTlsUpgrade.Fuzzing.Targets;

/// <summary>
/// A request head in front of a connection: whatever is taken and examined, and however the rest comes, what comes out is the head,
/// alone until all of it has been examined, and then the rest.
/// </summary>
internal static class ReplayTarget
{
    /// <summary>From here on all is taken: choices can be such that nothing is.</summary>
    private const int MaxRounds = 64;

    public static void Run(FuzzInput input)
    {
        var wire = input.Wire;
        var headLength = Math.Min(wire.Length, 1 + input.Choose(64));
        if (headLength == 0)
        {
            return;
        }

        var inner = new SegmentedPipeReader(input.Cut(wire.AsMemory(headLength)), input.Flip());
        var reader = new ReplayPipeReader(wire.AsMemory(0, headLength), inner);
        var headTaken = 0;
        reader.OnHeadTaken(() => headTaken++);
        var (consumed, examined, given) = (0, 0, 0);
        var isCompleted = false;
        for (var round = 0; !isCompleted || consumed < wire.Length; round++)
        {
            if (!input.Flip() || !reader.TryRead(out var read))
            {
                read = Oracle.AtOnce(reader.ReadAsync());
            }

            var length = (int)read.Buffer.Length;
            isCompleted = read.IsCompleted;
            Oracle.Holds(!read.IsCanceled, "Nobody has cancelled.");
            Oracle.Holds(read.Buffer.ToArray().AsSpan().SequenceEqual(wire.AsSpan(consumed, length)), "The head comes, then the rest.");
            Oracle.Holds(examined < given || consumed + length > given || isCompleted, "A read brings more than what has been examined.");
            Oracle.Holds(examined >= headLength || (consumed + length == headLength && !isCompleted), "The head comes alone.");
            Oracle.Holds(!isCompleted || consumed + length == wire.Length, "The end is behind the last byte.");

            given = consumed + length;
            var taken = round > MaxRounds || (isCompleted && input.Choose(4) == 0) ? length : input.Choose(length + 1);
            var seen = input.Choose(3) == 0 ? length : taken + input.Choose(length - taken + 1);
            reader.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.GetPosition(isCompleted ? length : seen));
            examined = consumed + (isCompleted ? length : seen);
            consumed += taken;
            Oracle.Same(consumed >= headLength ? 1 : 0, headTaken, "The head is taken once.");
            Oracle.Same(Math.Max(0, consumed - headLength), (int)inner.Consumed, "What is taken of the rest is what was read of it.");
        }
    }
}
