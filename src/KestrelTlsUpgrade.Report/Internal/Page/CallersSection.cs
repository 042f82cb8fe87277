using System.Globalization;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>Who still speaks clear text.</summary>
internal static class CallersSection
{
    /// <summary>The number of callers that are shown at once. The rest can be unfolded.</summary>
    private const int ShownAtOnce = 20;

    public static void Write(HtmlWriter html, ReportContent report)
    {
        var callers = report.Callers;
        html.Write($"""<section aria-labelledby="callers"><h2 id="callers">Who still speaks plaintext</h2>""");
        if (callers.All.Count == 0)
        {
            html.Write($"""<p class="nothing">Nobody has, since {report.Since:yyyy-MM-dd HH:mm} UTC.</p></section>""");
            return;
        }

        var secure = callers.All.Where(static caller => caller.IsSecure).ToArray();
        html.Write($"""<p class="remark">Since {report.Since:yyyy-MM-dd HH:mm} UTC, by the product of User-Agent and the network that it calls from.</p>""");
        var byConcern = callers.All.Where(static caller => !caller.IsSecure).ToLookup(caller => caller.IsOfConcern(report.DayAgo));
        var current = byConcern[true].ToArray();
        var former = byConcern[false].ToArray();
        if (current.Length == 0)
        {
            html.Write($"""<p class="nothing">Nobody in the last day.</p>""");
        }
        else
        {
            WriteTable(html, current.Take(ShownAtOnce), report.GeneratedAt, "callers-first");
        }

        WriteFolded(html, [.. current.Skip(ShownAtOnce)], "more", report.GeneratedAt, "callers-more");
        WriteFolded(html, former, "before the last day", report.GeneratedAt, "callers-former");
        WriteFolded(html, secure, "over TLS only", report.GeneratedAt, "callers-secure");

        if (callers.Displaced > 0)
        {
            html.Write($"""<p class="remark">The {callers.Capacity} callers with the most requests are remembered. Others have lost their place {callers.Displaced} times; “+” says how many requests a caller may have made before it got its own.</p>""");
        }

        html.Write($"</section>\n");
    }

    /// <summary>How long ago something was.</summary>
    public static string FormatAge(DateTimeOffset then, DateTimeOffset now) => (now - then) switch
    {
        { TotalMinutes: < 1 } => "just now",
        { TotalHours: < 1 } age => string.Create(CultureInfo.InvariantCulture, $"{age.Minutes} min ago"),
        { TotalDays: < 1 } age => string.Create(CultureInfo.InvariantCulture, $"{age.Hours} h ago"),
        { TotalDays: < 2 } => "yesterday",
        var age => string.Create(CultureInfo.InvariantCulture, $"{age.Days} days ago"),
    };

    /// <summary>How long something takes.</summary>
    public static string FormatDuration(TimeSpan time) => time switch
    {
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (int)time.TotalMinutes)} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h"),
    };

    private static void WriteFolded(HtmlWriter html, CallerContent[] callers, string words, DateTimeOffset now, string id)
    {
        if (callers.Length > 0)
        {
            html.Write($"""<details id="{id}"><summary>{callers.Length} {words}</summary>""");
            WriteTable(html, callers, now, $"{id}-table");
            html.Write($"</details>");
        }
    }

    private static void WriteTable(HtmlWriter html, IEnumerable<CallerContent> callers, DateTimeOffset now, string id)
    {
        html.Write(
            $"""
            <div class="scroll" id="{id}" tabindex="0" role="group" aria-labelledby="callers"><table class="callers">
            <thead><tr><th scope="col">Caller</th><th scope="col">Network</th><th scope="col" class="number">In plaintext</th><th scope="col" class="number">Upgraded</th><th scope="col" class="number">Direct TLS</th><th scope="col">Offers an upgrade</th><th scope="col">Last seen</th></tr></thead><tbody>

            """);
        foreach (var caller in callers)
        {
            html.Write($"<tr>");
            WriteProduct(html, caller);
            html.Write($"""<td class="code">{caller.Network}</td><td class="number" data-after="in plaintext">{caller.Plaintext}""");
            if (caller.Missed > 0)
            {
                html.Write($" <small>+{caller.Missed}</small>");
            }

            html.Write($"""</td><td class="number" data-after="upgraded">{caller.Upgraded}</td><td class="{(caller.DirectTls == 0 ? "number zero" : "number")}" data-after="direct TLS">{caller.DirectTls}""");
            if (caller.DirectTlsShutOut > 0)
            {
                html.Write($""" <span class="offer bad">✕ {caller.DirectTlsShutOut} shut out</span>""");
            }

            html.Write($"""</td><td data-before="Upgrade:">""");
            WriteOffer(html, caller);
            html.Write($"""</td><td data-before="Seen"><time datetime="{caller.LastSeen:yyyy-MM-ddTHH:mm:ssZ}">{FormatAge(caller.LastSeen, now)}</time></td></tr>""");
            html.Write($"\n");
        }

        html.Write($"</tbody></table></div>");
    }

    private static void WriteProduct(HtmlWriter html, CallerContent caller)
    {
        html.Write($"""<th scope="row" class="{(caller.Product.Length == 0 ? "unnamed" : "code")}">{CallerWords.FormatProduct(caller)}""");
        if (caller.IsExpected)
        {
            html.Write($" <small>expected</small>");
        }

        html.Write($"</th>");
    }

    private static void WriteOffer(HtmlWriter html, CallerContent caller)
    {
        var (look, words) = caller switch
        {
            { FailedUpgrades: > 0, Upgraded: 0 } => ("bad", "✕ yes, but it fails"),
            { FailedUpgrades: > 0 } => ("fair", "◐ yes, and fails at times"),
            { Upgraded: > 0 } => ("good", "✓ yes"),
            { OffersUpgrade: true } => ("fair", "◐ yes, not accepted"),
            _ => ("never", "– never"),
        };
        html.Write($"""<span class="offer {look}">{words}</span>""");
        if (caller.FailedUpgrades > 0)
        {
            html.Write($" <small>{caller.FailedUpgrades} failed</small>");
        }
    }
}
