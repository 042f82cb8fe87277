using IppPrinter.Ipp;

namespace IppPrinter.Operations;

/// <summary>Checks what all requests have in common (RFC 8011 section 4.1), and calls the operation.</summary>
internal sealed class OperationRouter(JobCreation creation, JobControl control, PrinterQueries queries)
{
    /// <summary>Answers a request.</summary>
    /// <param name="message">Its attributes.</param>
    /// <param name="document">What follows them.</param>
    /// <param name="address">How the client calls the printer.</param>
    /// <param name="cancellationToken">Cancels what takes time.</param>
    /// <exception cref="IppException">It is answered with this status.</exception>
    public async Task<IppMessage> RunAsync(IppMessage message, Stream document, PrinterAddress address, CancellationToken cancellationToken)
    {
        Check(message);
        var request = new OperationRequest(message, document, address);
        return message.Operation switch
        {
            IppOperation.PrintJob => await creation.PrintAsync(request, cancellationToken),
            IppOperation.ValidateJob => creation.Validate(request),
            IppOperation.CreateJob => creation.Create(request),
            IppOperation.SendDocument => await creation.SendDocumentAsync(request, cancellationToken),
            IppOperation.CloseJob => creation.Close(request),
            IppOperation.CancelJob => control.Cancel(request),
            IppOperation.CancelMyJobs => control.CancelMine(request),
            IppOperation.GetJobAttributes => control.Describe(request),
            IppOperation.GetJobs => control.List(request),
            IppOperation.GetPrinterAttributes => queries.Describe(request),
            _ => queries.Identify(request),
        };
    }

    private static void Check(IppMessage message)
    {
        if (message.Version >> 8 is not (1 or 2))
        {
            throw new IppException(IppStatus.VersionNotSupported, "The version is neither 1.1 nor 2.0.");
        }

        if (!Enum.IsDefined(message.Operation))
        {
            throw new IppException(IppStatus.OperationNotSupported, $"The operation {(ushort)message.Code:X4} is not supported.");
        }

        if (message.RequestId <= 0)
        {
            throw Bad("The request-id is not positive.");
        }

        if (message.Groups is not [{ Tag: IppTag.OperationAttributes } attributes, ..]
            || attributes.Attributes is not [{ Name: "attributes-charset" } charset, { Name: "attributes-natural-language" } language, ..]
            || charset.Values is not [{ Tag: IppTag.Charset }]
            || language.Values is not [{ Tag: IppTag.NaturalLanguage }])
        {
            throw Bad("The request does not begin with attributes-charset and attributes-natural-language.");
        }

        if (!charset.Text!.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !charset.Text.Equals("us-ascii", StringComparison.OrdinalIgnoreCase))
        {
            throw new IppException(IppStatus.CharsetNotSupported, "The charset is neither utf-8 nor us-ascii.") { Unsupported = [charset] };
        }

        var target = attributes["printer-uri"] ?? attributes["job-uri"];
        if (target is not { Values: [{ Tag: IppTag.Uri }], Text: { } uri } || !Uri.TryCreate(uri, UriKind.Absolute, out var parsed))
        {
            throw Bad("The request names neither a printer nor a job.");
        }

        if (parsed.AbsolutePath != PrinterAddress.Path
            && (target.Name == "printer-uri" || !parsed.AbsolutePath.StartsWith(PrinterAddress.Path + "/", StringComparison.Ordinal)))
        {
            throw new IppException(IppStatus.NotFound, $"There is no {parsed.AbsolutePath} here.");
        }
    }

    private static IppException Bad(string message) => new(IppStatus.BadRequest, message);
}
