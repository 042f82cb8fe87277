using System.Buffers;

namespace KestrelTlsUpgrade.Tunnel.Internal.Target;

/// <summary>Names that can be looked up in DNS and never be mistaken for an address.</summary>
internal static class HostName
{
    /// <summary>In characters, without a trailing dot (RFC 1035 section 2.3.4).</summary>
    public const int MaxLength = 253;

    private const int MaxLabelLength = 63;

    // The underscore is not valid in host names, but many existing names contain it.
    private static readonly SearchValues<char> LabelChars = SearchValues.Create(
        "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static bool IsValid(ReadOnlySpan<char> name)
    {
        if (name is [.. var absolute, '.'])
        {
            name = absolute;
        }

        if (name.Length is 0 or > MaxLength)
        {
            return false;
        }

        ReadOnlySpan<char> last = default;
        foreach (var range in name.Split('.'))
        {
            last = name[range];
            if (last.Length is 0 or > MaxLabelLength || last.ContainsAnyExcept(LabelChars) || last is ['-', ..] or [.., '-'])
            {
                return false;
            }
        }

        return !IsNumber(last);
    }

    /// <summary>
    /// Whether a resolver could mistake the name for an address. inet_aton does if the last label is a decimal, octal or hexadecimal
    /// number. No top-level domain is one (RFC 1123 section 2.1).
    /// </summary>
    private static bool IsNumber(ReadOnlySpan<char> label) =>
        !label.ContainsAnyExceptInRange('0', '9')
        || (label is ['0', 'x' or 'X', .. var digits] && !digits.ContainsAnyExcept(HexDigits));
}
