using System.Globalization;
using IppPrinter.Description;
using IppPrinter.Ipp;
using IppPrinter.Spooling;

namespace IppPrinter.Operations;

/// <summary>A request that is well formed, with what its operation attributes say.</summary>
/// <param name="message">The attributes.</param>
/// <param name="document">What follows them.</param>
/// <param name="address">How the client calls the printer.</param>
internal sealed class OperationRequest(IppMessage message, Stream document, PrinterAddress address)
{
    private static readonly string[] Compressions = ["none", "gzip", "deflate"];

    private readonly IppGroup _attributes = message[IppTag.OperationAttributes]!;

    public IppMessage Message => message;

    public Stream Document => document;

    public PrinterAddress Address => address;

    public string User => Name("requesting-user-name") ?? "anonymous";

    public string JobName => Name("job-name") ?? Name("document-name") ?? "untitled";

    /// <summary>How the job is to be printed.</summary>
    public IReadOnlyList<IppAttribute> Template => message[IppTag.JobAttributes]?.Attributes ?? [];

    /// <summary>As much of it as the printer keeps.</summary>
    public IReadOnlyList<IppAttribute> KnownTemplate => JobTemplate.SelectKept(Template);

    public bool WantsFidelity => Flag("ipp-attribute-fidelity") ?? false;

    /// <summary>What the document is. <see langword="null"/> if the printer is to look.</summary>
    /// <exception cref="IppException">It cannot be printed.</exception>
    public DocumentFormat? Format => Text("document-format") is { } mediaType && !mediaType.Equals(DocumentFormat.Unknown, StringComparison.OrdinalIgnoreCase)
        ? DocumentFormat.Find(mediaType) ?? throw NotSupported(IppStatus.DocumentFormatNotSupported, "document-format")
        : null;

    /// <exception cref="IppException">Nobody here knows it.</exception>
    public string Compression => Text("compression") is not { } compression ? "none"
        : Compressions.Contains(compression) ? compression
        : throw NotSupported(IppStatus.CompressionNotSupported, "compression");

    /// <summary>The number of the job that is asked about: in a number or at the end of a URI (RFC 8011 section 4.1.5).</summary>
    /// <exception cref="IppException">There is none.</exception>
    public int JobId
    {
        get
        {
            if (_attributes["job-id"]?.Number is { } id)
            {
                return id;
            }

            return Text("job-uri") is { } uri && int.TryParse(uri[(uri.LastIndexOf('/') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out id)
                ? id
                : throw new IppException(IppStatus.BadRequest, "The request names no job.");
        }
    }

    public IppAttribute? this[string name] => _attributes[name];

    public string? Text(string name) => _attributes[name]?.Text;

    public bool? Flag(string name) => _attributes[name]?.Flag;

    /// <summary>The attributes that the client wants to know, or <see langword="null"/> if it does not say.</summary>
    public HashSet<string>? RequestedAttributes => _attributes["requested-attributes"] is { } requested
        ? [.. requested.Values.Select(static value => value.Content).OfType<string>()]
        : null;

    private string? Name(string name) => _attributes[name] switch
    {
        null => null,
        { Values: [{ Tag: IppTag.Name or IppTag.NameWithLanguage }] } attribute => attribute.Text,
        _ => throw new IppException(IppStatus.BadRequest, $"The value of {name} is no name."),
    };

    private IppException NotSupported(IppStatus status, string name) =>
        new(status, $"The value of {name} is not supported.") { Unsupported = [_attributes[name]!] };
}
