using System.Buffers;
using IppPrinter.Ipp;

namespace KestrelTlsUpgrade.Testing;

/// <summary>What became of the octets of a message.</summary>
/// <param name="Message">As much of it as has been read.</param>
/// <param name="IsComplete">Whether its end has been read.</param>
/// <param name="Refusal">Why it is no message.</param>
/// <param name="Consumed">How many octets have been taken.</param>
internal sealed record IppReading(IppMessage? Message, bool IsComplete, IppStatus? Refusal, int Consumed)
{
    /// <summary>What cannot depend on how the octets come.</summary>
    public string Verdict => $"{(IsComplete ? $"complete, {Consumed}" : Refusal?.ToString() ?? "incomplete")}: {IppText.Of(Message)}";

    public static IppReading OctetByOctet(byte[] wire) => Of([.. Enumerable.Range(0, wire.Length).Select(position => wire.AsMemory(position, 1))]);

    public static IppReading OctetByOctet(byte[] wire, Action look) =>
        Of([.. wire.Select(octet => (ReadOnlyMemory<byte>)new WatchedOctet(octet, look).Memory)]);

    /// <summary>Reads pieces as they come.</summary>
    public static IppReading Of(params IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        var parser = new IppParser();
        var consumed = 0L;
        var start = default(SequencePosition);
        ByteSegment? last = null;
        foreach (var piece in pieces)
        {
            last = last?.Append(piece) ?? new ByteSegment(piece);
            var first = (ByteSegment?)start.GetObject() ?? last;
            var buffer = new ReadOnlySequence<byte>(first, start.GetInteger(), last, piece.Length);
            var available = buffer.Length;
            try
            {
                if (parser.TryRead(ref buffer))
                {
                    return new(parser.Message, true, null, (int)(consumed + available - buffer.Length));
                }
            }
            catch (IppException refusal)
            {
                return new(parser.Message, false, refusal.Status, (int)consumed);
            }

            consumed += available - buffer.Length;
            start = buffer.Start;
        }

        return new(parser.Message, false, null, (int)consumed);
    }
}
