using System.Globalization;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>Formats a part of a whole.</summary>
internal static class Share
{
    /// <summary>Never rounds to all or nothing unless it is.</summary>
    public static string Format(long part, long whole)
    {
        if (whole == 0)
        {
            return "–";
        }

        var percent = 100.0 * part / whole;
        return percent switch
        {
            > 0 and < 1 => "< 1 %",
            > 99 and < 100 => "> 99 %",
            _ => string.Create(CultureInfo.InvariantCulture, $"{percent:0} %"),
        };
    }

    public static string FormatCount(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
