using System.Globalization;
using KestrelTlsUpgrade.Report.Internal.Content;

namespace KestrelTlsUpgrade.Report.Internal.Page;

/// <summary>The endpoints: their certificates, and the settings in force.</summary>
internal static class EndpointsSection
{
    public static void Write(HtmlWriter html, ReportContent report)
    {
        html.Write($"""<section aria-labelledby="endpoints"><h2 id="endpoints">Endpoints</h2>""");
        if (report.Endpoints.Count == 0)
        {
            html.Write($"""<p class="nothing">No endpoint upgrades connections. Call UseTlsUpgrade().</p>""");
        }

        for (var i = 0; i < report.Endpoints.Count; i++)
        {
            Write(html, report.Endpoints[i], i.ToString(CultureInfo.InvariantCulture));
        }

        html.Write($"</section>\n");
    }

    private static void Write(HtmlWriter html, EndpointContent endpoint, string number)
    {
        html.Write($"""<article class="endpoint"><h3 class="code">{endpoint.Address}</h3>""");
        if (endpoint.ReloadFailure is { } failure)
        {
            html.Write($"""<p class="alert">⚠ It goes on with its settings from before: {failure}</p>""");
        }

        if (endpoint.Settings.GetValueOrDefault(nameof(TlsUpgradeOptions.Enabled)) is "false")
        {
            html.Write($"""<p class="remark">It upgrades nothing: Enabled is false.</p>""");
        }

        foreach (var certificate in endpoint.Certificates)
        {
            Write(html, certificate);
        }

        if (endpoint.Certificates.Count == 0)
        {
            html.Write($"""<p class="remark">No certificate is known beforehand.</p>""");
        }

        html.Write($"""<details id="settings-{number}"><summary>Settings in force</summary><dl class="settings">""");
        foreach (var (name, value) in endpoint.Settings)
        {
            html.Write($"<div><dt>{name}</dt><dd>{value}</dd></div>\n");
        }

        html.Write($"</dl></details></article>\n");
    }

    private static void Write(HtmlWriter html, CertificateContent certificate)
    {
        var isWarning = certificate.State is not CertificateState.Valid;
        html.Write(
            $"""
            <div class="{(isWarning ? "certificate warning" : "certificate")}">
            <p class="days"><strong>{(certificate.DaysLeft is { } days ? CertificateWords.FormatDays(days) : "?")}</strong> <span>{CertificateWords.Of(certificate.State)}</span></p>
            <dl>
            """);
        WriteMember(html, "Subject", certificate.Subject);
        WriteMember(html, "Names", certificate.Names is { Count: > 0 } names ? string.Join(", ", names) : null);
        WriteMember(html, "Issuer", certificate.Issuer);
        WriteMember(html, "Valid until", certificate.NotAfter?.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        WriteMember(html, "From", certificate.Origin);
        WriteMember(html, "SHA-256", certificate.Sha256, look: "code");
        html.Write($"</dl></div>\n");
    }

    private static void WriteMember(HtmlWriter html, string name, string? value, string look = "")
    {
        if (value is not null)
        {
            html.Write($"""<div><dt>{name}</dt><dd class="{look}">{value}</dd></div>""");
        }
    }
}
