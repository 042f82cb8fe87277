using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The figures at a glance.</summary>
internal static class Summary
{
    public static void Write(HtmlWriter html, ReportContent report)
    {
        var (hour, day) = (report.Hour, report.Day);
        html.Write($"""<dl class="summary">""");
        WriteShare(html, "Requests over TLS", (hour.Requests.Secure, hour.Requests.All), (day.Requests.Secure, day.Requests.All));
        WriteShare(html, "Connections over TLS", (hour.Connections.Secure, hour.Connections.Usable), (day.Connections.Secure, day.Connections.Usable));
        WriteCallers(html, report);
        WriteFailures(html, report);
        WriteCertificate(html, report);
        html.Write($"</dl>\n");
    }

    private static void WriteShare(HtmlWriter html, string name, (long Part, long Whole) hour, (long Part, long Whole) day) => Write(
        html,
        name,
        Share.Format(hour.Part, hour.Whole),
        day.Whole == 0 ? "none in the last day" : $"last hour; {Share.Format(day.Part, day.Whole)} in the last day");

    private static void WriteCallers(HtmlWriter html, ReportContent report)
    {
        var all = report.Callers.All.Where(caller => caller.HasSpokenPlaintext(report.DayAgo)).ToArray();
        var callers = all.Where(static caller => !caller.IsExpected).ToArray();
        var expected = all.Length == callers.Length ? "" : $"; {Share.FormatCount(all.Length - callers.Length)} expected";
        var never = callers.Count(static caller => !caller.OffersUpgrade);
        Write(
            html,
            "Callers in plaintext",
            report.Callers.Displaced == 0 ? Share.FormatCount(callers.Length) : $"{Share.FormatCount(callers.Length)}+",
            callers.Length == 0
                ? $"nobody in the last day{expected}"
                : $"last day; {Share.FormatCount(never)} never offered an upgrade. Most: {(callers[0].Product is "" ? "one without a name" : callers[0].Product)}{expected}");
    }

    private static void WriteFailures(HtmlWriter html, ReportContent report)
    {
        var (hour, day) = (report.Hour.Connections, report.Day.Connections);
        Write(
            html,
            "Failed or refused",
            Share.FormatCount(hour.Failed + hour.Refused),
            report.Day.Failures is [{ Cause: var cause }, ..]
                ? $"last hour; {Share.FormatCount(day.Failed + day.Refused)} in the last day. Most: {cause.Replace('_', ' ')}"
                : "none in the last day");
    }

    private static void WriteCertificate(HtmlWriter html, ReportContent report)
    {
        var next = report.Endpoints
            .SelectMany(static endpoint => endpoint.Certificates)
            .OrderBy(static certificate => certificate.State is CertificateState.Valid)
            .ThenBy(static certificate => certificate.DaysLeft ?? int.MinValue)
            .FirstOrDefault();
        if (next is null)
        {
            Write(html, "Certificate", "–", "none is known beforehand");
            return;
        }

        Write(
            html,
            "Certificate",
            next.DaysLeft is { } days ? CertificateWords.FormatDays(days) : "?",
            CertificateWords.Of(next.State),
            isWarning: next.State is not CertificateState.Valid);
    }

    private static void Write(HtmlWriter html, string name, string value, string remark, bool isWarning = false) =>
        html.Write(
            $"""
            <div class="{(isWarning ? "tile warning" : "tile")}"><dt>{name}</dt><dd class="value">{value}</dd><dd class="remark">{remark}</dd></div>

            """);
}
