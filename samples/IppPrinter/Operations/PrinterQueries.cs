using IppPrinter.Description;
using IppPrinter.Ipp;

namespace IppPrinter.Operations;

/// <summary>Tells of the printer (RFC 8011 section 4.2.5), and makes it show itself (PWG 5100.13 section 4.1).</summary>
internal sealed partial class PrinterQueries(PrinterDescription printer, ILogger<PrinterQueries> logger)
{
    private const int MaxLoggedLength = 100;

    private static readonly IppAttribute MediaDatabase =
        new("media-col-database", [.. Media.All.Select(static media => media.Collection)]);

    public IppMessage Describe(OperationRequest request)
    {
        // What it says does not depend on the format, but one that it does not print is an error.
        _ = request.Format;
        var names = request.RequestedAttributes;
        var group = new IppGroup(IppTag.PrinterAttributes);
        var isAll = names is null || names.Contains("all");
        group.Add(printer.Describe(request.Address).Where(attribute =>
            isAll || names!.Contains("printer-description") || names.Contains(attribute.Name)));
        group.Add(JobTemplate.Attributes.Where(attribute => isAll || names!.Contains("job-template") || names.Contains(attribute.Name)));
        if (names?.Contains(MediaDatabase.Name) is true)
        {
            group.Add([MediaDatabase]);
        }

        var answer = Answer.To(request.Message);
        answer.Groups.Add(group);
        return answer;
    }

    public IppMessage Identify(OperationRequest request)
    {
        var text = request.Text("message") ?? "";
        Log.Identify(logger, new string([.. text.Take(MaxLoggedLength).Select(static character => char.IsControl(character) ? ' ' : character)]));
        return Answer.To(request.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Somebody looks for this printer: {Text}")]
        public static partial void Identify(ILogger logger, string text);
    }
}
