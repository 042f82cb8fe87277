using System.Globalization;

namespace KestrelTlsUpgrade.Internal.Telemetry;

/// <summary>
/// A name that a client chose, made harmless for a log: SslStream takes any byte for part of a server name, line ends included, and a
/// host may be as long as a head.
/// </summary>
internal static class LoggedName
{
    /// <summary>The longest that a server name or a DNS name can be (RFC 1035 section 2.3.4).</summary>
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

    /// <summary>What names and addresses are made of; with marks, as names in U-labels have some.</summary>
    private static bool IsOfName(char character) =>
        char.IsLetterOrDigit(character)
        || character is '-' or '.' or '_' or ':' or '[' or ']'
        || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
