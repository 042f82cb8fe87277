using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The report as a page. It loads no other resource and reads without scripts.</summary>
internal static class ReportPage
{
    public static byte[] Render(ReportContent report, string nonce)
    {
        var html = new HtmlWriter();
        html.Write(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>TLS upgrade</title>
            <style nonce="{nonce}">

            """);
        html.Write(PageAsset.Style);
        html.Write($"</style>\n</head>\n<body>\n");
        WritePatterns(html);
        html.Write(
            $"""
            <header><h1>TLS upgrade</h1><p id="live" hidden><span id="state" role="status"></span> <button id="pause" type="button">Pause</button></p><noscript><p>Reload the page for newer figures.</p></noscript></header>
            <main id="report">
            <p class="remark made">As of <time datetime="{report.GeneratedAt:yyyy-MM-ddTHH:mm:ssZ}">{report.GeneratedAt:yyyy-MM-dd HH:mm:ss} UTC</time>, counted since {report.Since:yyyy-MM-dd HH:mm} UTC. <a id="json" href="?format=json">The same in JSON</a></p>

            """);
        AdviceSection.Write(html, report);
        Summary.Write(html, report);
        WriteRequests(html, report);
        CallersSection.Write(html, report);
        CallerDetailsSection.Write(html, report);
        FailuresSection.Write(html, report);
        WriteConnections(html, report);
        EndpointsSection.Write(html, report);
        html.Write(
            $"""
            </main>
            <script nonce="{nonce}">

            """);
        html.Write(PageAsset.Script);
        html.Write($"</script>\n</body>\n</html>\n");
        return html.ToUtf8();
    }

    private static void WriteRequests(HtmlWriter html, ReportContent report)
    {
        var (hour, day) = (report.Hour, report.Day);
        html.Write($"""<section class="charts" aria-labelledby="requests"><h2 id="requests" class="hidden">Requests by kind</h2>""");
        TrafficChart.Write(html, "Requests, last hour", hour, Kinds.Of(hour.Requests), static step => Kinds.Of(step.Requests));
        TrafficChart.Write(html, "Requests, last day", day, Kinds.Of(day.Requests), static step => Kinds.Of(step.Requests));
        html.Write($"</section>\n");
    }

    private static void WriteConnections(HtmlWriter html, ReportContent report)
    {
        var (hour, day) = (report.Hour, report.Day);
        html.Write($"""<section class="charts" aria-labelledby="connections"><h2 id="connections" class="hidden">Connections by kind</h2>""");
        TrafficChart.Write(html, "Connections, last hour", hour, Kinds.Of(hour.Connections), static step => Kinds.Of(step.Connections));
        TrafficChart.Write(html, "Connections, last day", day, Kinds.Of(day.Connections), static step => Kinds.Of(step.Connections));
        html.Write($"</section>\n");
    }

    /// <summary>Patterns mark clear text and failures, so that they can be recognised without colour.</summary>
    private static void WritePatterns(HtmlWriter html) => html.Write(
        $"""
        <svg class="hidden" width="0" height="0" aria-hidden="true"><defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="ground" width="5" height="5"/><rect class="line" width="1.6" height="5"/></pattern>
        <pattern id="cross" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="ground" width="4" height="4"/><rect class="line" width="1" height="4"/><rect class="line" width="4" height="1"/></pattern>
        </defs></svg>

        """);
}
