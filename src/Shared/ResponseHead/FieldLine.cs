using System.Text;
using KestrelTlsUpgrade.Internal.HttpSyntax;

namespace KestrelTlsUpgrade.Internal.ResponseHead;

/// <summary>A field of a response (RFC 9112 section 5).</summary>
internal readonly ref struct FieldLine
{
    private FieldLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name = name;
        Value = value;
    }

    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The value without the whitespace around it.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Reads a line without its line break. A folded line begins with whitespace, so it has no valid name.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out FieldLine field)
    {
        field = default;
        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !HttpToken.IsValid(line[..colon]) || !FieldText.IsValid(line[colon..]))
        {
            return false;
        }

        field = new FieldLine(line[..colon], line[(colon + 1)..].Trim(" \t"u8));
        return true;
    }

    public bool Is(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(Name, name);
}
