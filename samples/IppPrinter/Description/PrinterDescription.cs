using System.Security.Cryptography;
using System.Text;
using IppPrinter.Ipp;
using IppPrinter.Jobs;
using IppPrinter.Spooling;
using Microsoft.Extensions.Options;

namespace IppPrinter.Description;

/// <summary>What the printer says of itself (RFC 8011 section 5.4, PWG 5100.14 section 5).</summary>
internal sealed class PrinterDescription(JobQueue jobs, IOptions<PrinterOptions> options, TimeProvider timeProvider)
{
    private const int Idle = 3;
    private const int Processing = 4;

    /// <summary>Octets in a unit of <c>job-k-octets</c>.</summary>
    private const int Kilo = 1024;

    private static readonly IppValue[] Formats =
        [IppValue.MimeMediaType(DocumentFormat.Unknown), .. DocumentFormat.All.Select(static format => IppValue.MimeMediaType(format.MediaType))];

    private readonly DateTimeOffset _startedAt = timeProvider.GetUtcNow();
    private readonly long _startedAtTimestamp = timeProvider.GetTimestamp();

    /// <summary>Derived from the machine and the name: a printer keeps it.</summary>
    private readonly Guid _uuid = new(SHA256.HashData(Encoding.UTF8.GetBytes($"{Environment.MachineName}/{options.Value.Name}"))[..16]);

    /// <summary>Seconds since the start, and at least one.</summary>
    public int UpTime => 1 + (int)timeProvider.GetElapsedTime(_startedAtTimestamp).TotalSeconds;

    /// <summary>A moment on the same scale.</summary>
    public int UpTimeAt(DateTimeOffset time) => 1 + Math.Max(0, (int)(time - _startedAt).TotalSeconds);

    /// <summary>Everything but <c>media-col-database</c>, which is returned only when it is asked for (PWG 5100.11).</summary>
    public IEnumerable<IppAttribute> Describe(PrinterAddress address)
    {
        var printer = options.Value;
        var all = jobs.All;
        var isProcessing = all.Any(static job => job.State is JobState.Processing);
        var now = timeProvider.GetUtcNow();
        var changed = all.Where(static job => job.ProcessingAt is not null).Max(static job => job.EndedAt ?? job.ProcessingAt) ?? _startedAt;
        return
        [
            new("charset-configured", IppValue.Charset("utf-8")),
            new("charset-supported", IppValue.Charset("utf-8"), IppValue.Charset("us-ascii")),
            new("color-supported", IppValue.Boolean(true)),
            new("compression-supported", Keywords("none", "deflate", "gzip")),
            new("document-format-default", IppValue.MimeMediaType(DocumentFormat.Unknown)),
            new("document-format-supported", Formats),
            new("generated-natural-language-supported", IppValue.NaturalLanguage("en")),
            new("identify-actions-default", IppValue.Keyword("display")),
            new("identify-actions-supported", IppValue.Keyword("display")),
            new("ipp-features-supported", IppValue.Keyword("ipp-everywhere")),
            new("ipp-versions-supported", Keywords("1.1", "2.0")),
            new("job-creation-attributes-supported", Keywords([.. JobTemplate.Names])),
            new("job-ids-supported", IppValue.Boolean(true)),
            new("job-k-octets-supported", IppValue.Range(0, (int)Math.Min(printer.MaxDocumentLength / Kilo, int.MaxValue))),
            new("multiple-document-jobs-supported", IppValue.Boolean(true)),
            new("multiple-operation-time-out", IppValue.Integer((int)printer.ClientTimeout.TotalSeconds)),
            new("multiple-operation-time-out-action", IppValue.Keyword("abort-job")),
            new("natural-language-configured", IppValue.NaturalLanguage("en")),
            new("operations-supported", [.. Enum.GetValues<IppOperation>().Select(static operation => IppValue.Enum((int)operation))]),
            new("pages-per-minute", IppValue.Integer(60)),
            new("pages-per-minute-color", IppValue.Integer(60)),
            new("pdl-override-supported", IppValue.Keyword("attempted")),
            new("preferred-attributes-supported", IppValue.Boolean(false)),
            new("printer-config-change-date-time", IppValue.DateTime(_startedAt)),
            new("printer-config-change-time", IppValue.Integer(1)),
            new("printer-current-time", IppValue.DateTime(now)),
            new("printer-device-id", IppValue.Text("MFG:KestrelTlsUpgrade;MDL:IppPrinter;CMD:PDF,JPEG,PWGRaster,URF;")),
            new("printer-geo-location", IppValue.Opaque(IppTag.Unknown, null)),
            new("printer-get-attributes-supported", IppValue.Keyword("document-format")),
            new("printer-icons", IppValue.Uri(address.PageOf("printer.png"))),
            new("printer-info", IppValue.Text(printer.Name)),
            new("printer-is-accepting-jobs", IppValue.Boolean(true)),
            new("printer-location", IppValue.Text(printer.Location)),
            new("printer-make-and-model", IppValue.Text("KestrelTlsUpgrade IppPrinter")),
            new("printer-more-info", IppValue.Uri(address.PageOf(""))),
            new("printer-name", IppValue.Name(printer.Name)),
            new("printer-organization", IppValue.Text("")),
            new("printer-organizational-unit", IppValue.Text("")),
            new("printer-state", IppValue.Enum(isProcessing ? Processing : Idle)),
            new("printer-state-change-date-time", IppValue.DateTime(changed)),
            new("printer-state-change-time", IppValue.Integer(UpTimeAt(changed))),
            new("printer-state-reasons", IppValue.Keyword("none")),
            new("printer-supply", IppValue.Octets("type=toner;maxcapacity=100;level=80;class=supplyThatIsConsumed;unit=percent;colorantname=black;")),
            new("printer-supply-description", IppValue.Text("Paper in the spool folder")),
            new("printer-supply-info-uri", IppValue.Uri(address.PageOf(""))),
            new("printer-up-time", IppValue.Integer(UpTime)),
            new("printer-uri-supported", IppValue.Uri(address.Printer)),
            new("printer-uuid", IppValue.Uri($"urn:uuid:{_uuid}")),
            new("pwg-raster-document-resolution-supported", IppValue.Resolution(300), IppValue.Resolution(600)),
            new("pwg-raster-document-sheet-back", IppValue.Keyword("normal")),
            new("pwg-raster-document-type-supported", Keywords("black_1", "sgray_8", "srgb_8")),
            new("queued-job-count", IppValue.Integer(all.Count(static job => !job.HasEnded))),
            new("uri-authentication-supported", IppValue.Keyword("requesting-user-name")),
            new("uri-security-supported", IppValue.Keyword(printer.RequireTls || address.IsTlsOnly ? "tls" : "none")),
            new("urf-supported", Keywords("V1.4", "CP1", "W8", "SRGB24", "RS300-600", "DM1")),
            new("which-jobs-supported", Keywords("completed", "not-completed")),
        ];
    }

    private static IppValue[] Keywords(params string[] values) => [.. values.Select(IppValue.Keyword)];
}
