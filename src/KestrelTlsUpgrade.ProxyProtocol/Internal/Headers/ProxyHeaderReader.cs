using System.Buffers;

namespace KestrelTlsUpgrade.ProxyProtocol.Internal.Headers;

/// <summary>
/// Reads the header of the PROXY protocol at the start of a connection (specification of 2020/03/05, section 2). The first
/// byte identifies the version, and bytes that cannot become a header are invalid at once.
/// </summary>
internal static class ProxyHeaderReader
{
    public static ProxyHeader Read(in ReadOnlySequence<byte> bytes)
    {
        if (bytes.IsSingleSegment)
        {
            return Read(bytes.FirstSpan);
        }

        // A header that arrived in pieces is copied into one block. Its beginning says how long it is.
        Span<byte> start = stackalloc byte[ProxyLineReader.MaxLength];
        start = start[..(int)Math.Min(start.Length, bytes.Length)];
        bytes.Slice(0, start.Length).CopyTo(start);
        return ProxyBlockReader.FindLength(start) is > ProxyLineReader.MaxLength and var length && length <= bytes.Length
            ? Read(bytes.Slice(0, length).ToArray())
            : Read(start);
    }

    public static ProxyHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (IsStart(bytes, ProxyBlockReader.Signature))
        {
            return ProxyBlockReader.Read(bytes);
        }

        return IsStart(bytes, ProxyLineReader.Signature)
            ? ProxyLineReader.Read(bytes)
            : ProxyHeader.Invalid("it does not begin with the signature of either version");
    }

    /// <summary>Whether the bytes begin with the signature, or are a prefix of it.</summary>
    private static bool IsStart(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        bytes.Length < signature.Length ? signature.StartsWith(bytes) : bytes.StartsWith(signature);
}
