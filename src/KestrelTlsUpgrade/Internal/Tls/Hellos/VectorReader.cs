using System.Buffers.Binary;

namespace KestrelTlsUpgrade.Internal.Tls.Hellos;

/// <summary>Reads octets and length-prefixed vectors (RFC 8446 section 3.4), and never past the end.</summary>
internal ref struct VectorReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public readonly int Length => _rest.Length;

    public bool TryTake(int count, out ReadOnlySpan<byte> taken)
    {
        if (_rest.Length < count)
        {
            taken = default;
            return false;
        }

        taken = _rest[..count];
        _rest = _rest[count..];
        return true;
    }

    /// <summary>Reads a vector with a length of one or two octets.</summary>
    public bool TryTakeVector(int lengthSize, out ReadOnlySpan<byte> content)
    {
        content = default;
        return TryTake(lengthSize, out var length)
            && TryTake(lengthSize == 1 ? length[0] : BinaryPrimitives.ReadUInt16BigEndian(length), out content);
    }

    /// <summary>Reads a vector that spans the whole input and is not empty.</summary>
    public static bool TryReadWhole(ReadOnlySpan<byte> bytes, int lengthSize, out ReadOnlySpan<byte> content)
    {
        var reader = new VectorReader(bytes);
        return reader.TryTakeVector(lengthSize, out content) && reader.IsEmpty && !content.IsEmpty;
    }
}
