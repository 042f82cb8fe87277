using KestrelTlsUpgrade.Internal.Report.Content;

namespace KestrelTlsUpgrade.Internal.Report.Page;

/// <summary>What there is to know at a glance.</summary>
internal static class Summary
{
    public static void Write(HtmlWriter html, ReportContent report)
    {
        var (hour, day) = (report.Hour, report.Day);
        var plain = report.Callers.All.Count(static caller => caller.Plaintext > 0);
        var never = report.Callers.All.Count(static caller => caller is { Plaintext: > 0, OffersUpgrade: false });
        html.Write($"""<dl class="summary">""");
        Write(html, "Requests over TLS", Share.Format(hour.Requests.Secure, hour.Requests.All), $"last hour; {Share.Format(day.Requests.Secure, day.Requests.All)} in the last day");
        Write(html, "Connections over TLS", Share.Format(hour.Connections.Secure, hour.Connections.All), $"last hour; {Share.Format(day.Connections.Secure, day.Connections.All)} in the last day");
        Write(html, "Callers in plaintext", Share.FormatCount(plain), plain == 0 ? "nobody is left" : $"{Share.FormatCount(never)} of them never offer an upgrade");
        WriteCertificate(html, report);
        html.Write($"</dl>\n");
    }

    private static void WriteCertificate(HtmlWriter html, ReportContent report)
    {
        var next = report.Endpoints
            .SelectMany(static endpoint => endpoint.Certificates)
            .OrderBy(static certificate => certificate.DaysLeft ?? int.MinValue)
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
