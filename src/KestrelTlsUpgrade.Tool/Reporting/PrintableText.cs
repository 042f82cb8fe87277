using System.Globalization;
using System.Text;

namespace KestrelTlsUpgrade.Tool.Reporting;

/// <summary>Text of others, made harmless for a terminal: no control character of it gets there.</summary>
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

    /// <summary>Controls, C1 included, and what changes the direction of the text around it.</summary>
    private static bool IsHarmful(char character) =>
        char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
