using System.Text;

namespace KestrelTlsUpgrade.Internal.Negotiation;

/// <summary>The User-Agent field of a request head that needs no further reading (RFC 9110 section 10.1.5).</summary>
internal static class UserAgentField
{
    /// <summary>The value as text; empty if there is none.</summary>
    public static string Read(ReadOnlySpan<byte> head) => Encoding.Latin1.GetString(Find(head));

    /// <summary>The value; empty if there is none in the complete lines up to the empty one.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> head)
    {
        var rest = head;
        while (rest.IndexOf("\r\n"u8) is > 0 and var end)
        {
            var line = rest[..end];
            rest = rest[(end + 2)..];
            if (line.Length > "User-Agent:".Length && Ascii.EqualsIgnoreCase(line[.."User-Agent:".Length], "User-Agent:"u8))
            {
                return line["User-Agent:".Length..].Trim(" \t"u8);
            }
        }

        return default;
    }
}
