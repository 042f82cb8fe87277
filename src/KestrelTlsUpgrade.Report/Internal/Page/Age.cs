using System.Globalization;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>Formats how long ago something was.</summary>
internal static class Age
{
    public static string Format(DateTimeOffset then, DateTimeOffset now) => (now - then) switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } age => string.Create(CultureInfo.InvariantCulture, $"{age.Minutes} min ago"),
        { TotalDays: < 1 } age => string.Create(CultureInfo.InvariantCulture, $"{age.Hours} h ago"),
        { TotalDays: < 2 } => "yesterday",
        var age => string.Create(CultureInfo.InvariantCulture, $"{age.Days} days ago"),
    };
}
