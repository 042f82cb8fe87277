using System.Buffers;

namespace KestrelTlsUpgrade.Internal.HttpSyntax;

/// <summary>The octets of a field value or a reason phrase (RFC 9110 section 5.5, RFC 9112 section 4).</summary>
internal static class FieldText
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        "\0\x01\x02\x03\x04\x05\x06\x07\x08\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F\x7F"u8);

    /// <summary>Whether the octets have no control character except the tab. Octets above 0x7F are opaque and allowed.</summary>
    public static bool IsValid(ReadOnlySpan<byte> octets) => !octets.ContainsAny(Controls);
}
