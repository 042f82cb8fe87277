using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>Stacked columns over time with a legend that has the figures, so that neither colour nor pointer is needed to read them.</summary>
internal static class TrafficChart
{
    private const double Width = 600;
    private const double Height = 120;
    private const double Gap = 1.5;

    /// <summary>Keeps rare events visible.</summary>
    private const double LeastHeight = 1.5;

    /// <param name="html">Where it goes.</param>
    /// <param name="title">What it is of.</param>
    /// <param name="period">What is shown.</param>
    /// <param name="all">The kinds of the whole period.</param>
    /// <param name="getKinds">The kinds of a step.</param>
    public static void Write(HtmlWriter html, string title, PeriodContent period, Kind[] all, Func<StepContent, Kind[]> getKinds)
    {
        var steps = period.Steps.Select(step => (step.From, Kinds: getKinds(step))).ToArray();
        var highest = steps.Max(static step => Kinds.Sum(step.Kinds));
        var sum = Kinds.Sum(all);
        html.Write($"""<figure><figcaption><strong>{title}</strong> <span class="total">{sum}</span></figcaption>""");
        if (sum == 0)
        {
            html.Write($"""<p class="nothing">None in this time.</p></figure>""");
            return;
        }

        html.Write(
            $"""
            <p class="scale">{highest} per {FormatStep(period.StepSeconds)}</p>
            <svg class="columns" viewBox="0 0 600 120" preserveAspectRatio="none" role="img" aria-label="{title}: {Enumerate(all)}">
            """);
        var width = Width / steps.Length;
        for (var i = 0; i < steps.Length; i++)
        {
            WriteColumn(html, steps[i].From, steps[i].Kinds, i * width, width, Height / highest);
        }

        html.Write(
            $"""
            </svg>
            <p class="times"><time>{steps[0].From:HH:mm} UTC</time> <time>{steps[steps.Length / 2].From:HH:mm}</time> <span>now</span></p>
            """);
        WriteLegend(html, title, all, sum);
        html.Write($"</figure>\n");
    }

    private static void WriteColumn(HtmlWriter html, DateTimeOffset from, Kind[] kinds, double x, double width, double scale)
    {
        if (Kinds.Sum(kinds) == 0)
        {
            return;
        }

        html.Write($"<g><title>{from:HH:mm} UTC: {Enumerate(kinds)}</title>");
        html.Write($"""<rect class="whole" x="{x:0.##}" y="0" width="{width:0.##}" height="{Height:0.##}"/>""");
        var bottom = Height;
        var heights = FindHeights(kinds, scale);
        for (var i = 0; i < kinds.Length; i++)
        {
            if (kinds[i].Count > 0)
            {
                bottom -= heights[i];
                html.Write($"""<rect class="{kinds[i].Name}" x="{x + (Gap / 2):0.##}" y="{bottom:0.##}" width="{width - Gap:0.##}" height="{heights[i]:0.##}"/>""");
            }
        }

        html.Write($"</g>\n");
    }

    /// <summary>The tallest bar gives up what the minimum heights added, so that the column fits the chart.</summary>
    private static double[] FindHeights(Kind[] kinds, double scale)
    {
        var heights = Array.ConvertAll(kinds, kind => kind.Count == 0 ? 0 : Math.Max(LeastHeight, kind.Count * scale));
        heights[Array.IndexOf(heights, heights.Max())] -= Math.Max(0, heights.Sum() - Height);
        return heights;
    }

    private static void WriteLegend(HtmlWriter html, string title, Kind[] kinds, long sum)
    {
        html.Write(
            $"""
            <table class="legend"><caption class="hidden">{title} by kind</caption>
            <thead class="hidden"><tr><th scope="col">Kind</th><th scope="col">Count</th><th scope="col">Share</th></tr></thead><tbody>
            """);
        foreach (var kind in kinds)
        {
            html.Write(
                $"""
                <tr><th scope="row"><svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class="{kind.Name}" width="12" height="12" rx="2"/></svg>{kind.Title}</th><td>{kind.Count}</td><td>{Share.Format(kind.Count, sum)}</td></tr>

                """);
        }

        html.Write($"</tbody></table>");
    }

    private static string Enumerate(Kind[] kinds) => string.Join(
        ", ", kinds.Where(static kind => kind.Count > 0).Select(static kind => $"{Share.FormatCount(kind.Count)} {kind.Title}"));

    private static string FormatStep(int seconds) => seconds == 60 ? "minute at most" : $"{seconds / 60} minutes at most";
}
