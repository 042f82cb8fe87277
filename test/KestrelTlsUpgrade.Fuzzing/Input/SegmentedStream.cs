using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Fuzzing.Input;

/// <summary>A connection that gives one piece after the other, and then ends. It never waits.</summary>
internal sealed class SegmentedStream(IReadOnlyList<ReadOnlyMemory<byte>> pieces) : AsyncStream
{
    private int _next;
    private int _taken;

    /// <summary>How much has been read.</summary>
    public int Consumed { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Oracle.Holds(!buffer.IsEmpty, "A read has room for what it reads.");
        if (_next == pieces.Count)
        {
            return new(0);
        }

        var piece = pieces[_next][_taken..];
        var count = Math.Min(piece.Length, buffer.Length);
        piece[..count].CopyTo(buffer);
        Consumed += count;
        _taken += count;
        if (count == piece.Length)
        {
            _next++;
            _taken = 0;
        }

        return new(count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();
}
