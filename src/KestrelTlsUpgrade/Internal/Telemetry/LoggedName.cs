using System.Globalization;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// Makes a name that a client chose safe to log: SslStream accepts any byte in a server name, including line ends, and a host can be as
/// long as a head.
/// </summary>
internal static class LoggedName
{
    /// <summary>The maximum length of a server name or DNS name (RFC 1035 section 2.3.4).</summary>
    private const int MaxLength = 255;

    public static string Of(string name)
    {
        var length = Math.Min(name.Length, MaxLength);
        return string.Create(length, name, static (text, name) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = IsOfName(name[i]) ? name[i] : '?';
            }
        });
    }

    /// <summary>The characters of names and addresses, including the combining marks of U-labels.</summary>
    private static bool IsOfName(char character) =>
        char.IsLetterOrDigit(character)
        || character is '-' or '.' or '_' or ':' or '[' or ']'
        || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
