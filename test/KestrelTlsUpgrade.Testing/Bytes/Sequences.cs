using System.Buffers;

namespace KestrelTlsUpgrade.Testing;

/// <summary>The same bytes in every shape that a transport may give them.</summary>
internal static class Sequences
{
    public static ReadOnlySequence<byte> Create(params IReadOnlyList<ReadOnlyMemory<byte>> segments)
    {
        var first = new ByteSegment(segments[0]);
        var last = first;
        foreach (var segment in segments.Skip(1))
        {
            last = last.Append(segment);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    public static ReadOnlySequence<byte> CutAt(ReadOnlyMemory<byte> bytes, int position) =>
        Create(bytes[..position], bytes[position..]);

    public static ReadOnlySequence<byte> CutEverywhere(ReadOnlyMemory<byte> bytes) =>
        Create([.. Enumerable.Range(0, bytes.Length).Select(position => bytes.Slice(position, 1))]);
}
