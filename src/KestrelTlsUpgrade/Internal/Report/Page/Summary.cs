using KestrelTlsUpgrade.Internal.Report.Content;

namespace KestrelTlsUpgrade.Internal.Report.Page;

/// <summary>What there is to know at a glance.</summary>
internal static class Summary
{
    public static void Write(HtmlWriter html, ReportContent report)
    {
        var (hour, day) = (report.Hour, report.Day);
        html.Write($"""<dl class="summary">""");
        Write(html, "Requests over TLS", Share.Format(hour.Requests.Secure, hour.Requests.All), $"last hour; {Share.Format(day.Requests.Secure, day.Requests.All)} in the last day");
        Write(html, "Connections over TLS", Share.Format(hour.Connections.Secure, hour.Connections.Usable), $"last hour; {Share.Format(day.Connections.Secure, day.Connections.Usable)} in the last day");
        WriteCallers(html, report);
        WriteFailures(html, report);
        WriteCertificate(html, report);
        html.Write($"</dl>\n");
    }

    private static void WriteCallers(HtmlWriter html, ReportContent report)
    {
        var callers = report.Callers.All.Where(caller => caller.HasSpokenPlaintext(report.DayAgo)).ToArray();
        var never = callers.Count(static caller => !caller.OffersUpgrade);
        Write(
            html,
            "Callers in plaintext",
            Share.FormatCount(callers.Length),
            callers.Length == 0
                ? "nobody in the last day"
                : $"last day; {Share.FormatCount(never)} never offered an upgrade. Most: {(callers[0].Product is "" ? "one without a name" : callers[0].Product)}");
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
