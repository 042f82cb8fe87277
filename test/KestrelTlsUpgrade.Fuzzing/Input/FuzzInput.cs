using System.Buffers;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Input;

/// <summary>
/// What is tried: the first byte says how many choices follow, and then come the bytes from the wire. The choices stand for all that
/// is not on the wire: settings, how the bytes are cut up, how much of them is taken at once.
/// </summary>
internal sealed class FuzzInput
{
    private const int MaxChoices = 31;

    private readonly byte[] _choices;
    private int _chosen;

    public FuzzInput(ReadOnlySpan<byte> bytes)
    {
        var count = bytes.IsEmpty ? 0 : Math.Min(bytes[0] % (MaxChoices + 1), bytes.Length - 1);
        _choices = bytes.IsEmpty ? [] : bytes.Slice(1, count).ToArray();
        Wire = bytes.IsEmpty ? [] : bytes[(1 + count)..].ToArray();
    }

    public byte[] Wire { get; }

    /// <summary>One of so many, from 0 on. Choices are used again, a bit otherwise, where there are too few.</summary>
    public int Choose(int count)
    {
        if (_choices.Length == 0 || count < 2)
        {
            return 0;
        }

        var choice = NextByte();
        return (count > 256 ? (choice << 8) + NextByte() : choice) % count;
    }

    public bool Flip() => Choose(2) == 1;

    public T Pick<T>(IReadOnlyList<T> values) => values[Choose(values.Count)];

    /// <summary>Bytes in pieces, none of which is empty.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> bytes)
    {
        var largest = Choose(4) switch
        {
            0 => bytes.Length,
            1 => 1,
            2 => 8,
            _ => 256,
        };
        var pieces = new List<ReadOnlyMemory<byte>>();
        while (!bytes.IsEmpty)
        {
            var length = Math.Min(bytes.Length, largest == bytes.Length ? largest : 1 + Choose(largest));
            pieces.Add(bytes[..length]);
            bytes = bytes[length..];
        }

        return pieces;
    }

    /// <summary>What is on the wire, as a transport may give it.</summary>
    public ReadOnlySequence<byte> CutWire() => Wire.Length == 0 ? ReadOnlySequence<byte>.Empty : Sequences.Create(Cut(Wire));

    private int NextByte()
    {
        var (round, index) = Math.DivRem(_chosen++, _choices.Length);
        return (byte)(_choices[index] + round);
    }
}
