using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The failures and the refusals.</summary>
internal static class FailuresSection
{
    public static void Write(HtmlWriter html, ReportContent report)
    {
        html.Write($"""<section aria-labelledby="failures"><h2 id="failures">Failures by cause</h2>""");
        WriteFailures(html, report);
        WriteRefusals(html, report);
        html.Write($"</section>\n");
    }

    private static void WriteFailures(HtmlWriter html, ReportContent report)
    {
        if (report.Day.Failures.Count == 0)
        {
            html.Write($"""<p class="nothing">No handshake has failed in the last day, and no connection was refused.</p>""");
            return;
        }

        html.Write(
            $"""
            <div class="scroll" id="failures-table" tabindex="0" role="group" aria-labelledby="failures"><table class="causes">
            <thead><tr><th scope="col">Cause</th><th scope="col" class="number">Last hour</th><th scope="col" class="number">Last day</th><th scope="col">What it means</th></tr></thead><tbody>

            """);
        foreach (var failure in report.Day.Failures)
        {
            var inHour = report.Hour.Failures.FirstOrDefault(other => other.Cause == failure.Cause)?.Count ?? 0;
            html.Write(
                $"""
                <tr><th scope="row" class="code">{failure.Cause}</th><td class="number" data-after="in the hour">{inHour}</td><td class="number" data-after="in the day">{failure.Count}</td><td class="wide">{failure.Meaning}</td></tr>

                """);
        }

        html.Write($"</tbody></table></div>");
    }

    private static void WriteRefusals(HtmlWriter html, ReportContent report)
    {
        var told = report.Day.Refusals.Where(static refusal => refusal.Value > 0).ToArray();
        if (told.Length == 0)
        {
            return;
        }

        html.Write($"""<p class="refusals">Requests that were turned away for how they arrived, in the last day:</p><ul class="refusals">""");
        foreach (var (status, count) in told)
        {
            html.Write($"<li><strong>{count}</strong> {Describe(status)}</li>");
        }

        html.Write($"</ul>");
    }

    private static string Describe(string status) => status switch
    {
        "307" => "browsers sent to https (307)",
        "403" => "over HTTP/2 in clear text (403)",
        "421" => "for a host with other TLS terms (421)",
        "426" => "told to upgrade (426)",
        _ => status,
    };
}
