using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Makes foreign text safe for a terminal: no control character is printed.</summary>
internal static class PrintableText
{
    public static string Of(string text)
    {
        if (!text.Any(IsHarmful))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (IsHarmful(character))
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                result.Append(character);
            }
        }

        return result.ToString();
    }

    /// <summary>The start of a text that is longer than a line should be, and its length.</summary>
    public static string Cut(string text, int maxLength = 200) =>
        text.Length <= maxLength ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..maxLength]}... ({text.Length} characters)");

    /// <summary>Control characters, including C1, and characters that change the direction of surrounding text.</summary>
    private static bool IsHarmful(char character) =>
        char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
