using System.Buffers.Binary;

namespace KestrelTlsUpgrade.Testing;

/// <summary>
/// Cuts the ClientHello that is written to it into more records, as anybody on the path can: record headers are not part of the
/// handshake's transcript.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="size">How much of the message goes into each record.</param>
internal sealed class HelloCuttingStream(Stream inner, int size) : AsyncStream
{
    private bool _isCut;

    /// <summary>The first handshake record of some octets, in records of a size; what follows it stays as it is.</summary>
    public static byte[] Cut(ReadOnlySpan<byte> octets, int size)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(octets[3..]);
        var version = octets[1..3].ToArray();
        return
        [
            .. octets.Slice(5, length).ToArray().Chunk(size)
                .SelectMany(piece => (byte[])[0x16, .. version, (byte)(piece.Length >> 8), (byte)piece.Length, .. piece]),
            .. octets[(5 + length)..],
        ];
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isCut)
        {
            return inner.WriteAsync(buffer, cancellationToken);
        }

        _isCut = true;
        return inner.WriteAsync(Cut(buffer.Span, size), cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();
}
