using IppPrinter.Ipp;

namespace IppPrinter.Description;

/// <summary>What a client may say of how a job is printed: the default of each attribute, and the values that it may have.</summary>
internal static class JobTemplate
{
    /// <summary>More page ranges than a client asks for. Anybody may create jobs, so what a job keeps is bounded.</summary>
    private const int MaxKeptValues = 16;

    private static readonly IppValue[] FinishingsNone = [IppValue.Enum(3)];
    private static readonly IppValue[] Portrait = [IppValue.Enum(3)];

    public static IReadOnlyList<IppAttribute> Attributes { get; } =
    [
        new("copies-default", IppValue.Integer(1)),
        new("copies-supported", IppValue.Range(1, 99)),
        new("finishings-default", FinishingsNone),
        new("finishings-supported", FinishingsNone),
        new("media-default", IppValue.Keyword(Media.Default.Name)),
        new("media-supported", [.. Media.All.Select(static media => IppValue.Keyword(media.Name))]),
        new("media-ready", IppValue.Keyword(Media.Default.Name)),
        new("media-col-default", Media.Default.Collection),
        new("media-col-ready", Media.Default.Collection),
        new("media-col-supported", Keywords(
            "media-size", "media-size-name", "media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin", "media-source", "media-type")),
        new("media-size-supported", [.. Media.All.Select(static media => media.Size)]),
        new("media-bottom-margin-supported", IppValue.Integer(Media.Margin)),
        new("media-left-margin-supported", IppValue.Integer(Media.Margin)),
        new("media-right-margin-supported", IppValue.Integer(Media.Margin)),
        new("media-top-margin-supported", IppValue.Integer(Media.Margin)),
        new("media-source-supported", IppValue.Keyword(Media.Source)),
        new("media-type-supported", IppValue.Keyword(Media.Type)),
        new("multiple-document-handling-default", IppValue.Keyword("separate-documents-collated-copies")),
        new("multiple-document-handling-supported", Keywords("separate-documents-collated-copies", "separate-documents-uncollated-copies")),
        new("orientation-requested-default", Portrait),
        new("orientation-requested-supported", Enums(3, 4, 5, 6)),
        new("output-bin-default", IppValue.Keyword("face-down")),
        new("output-bin-supported", IppValue.Keyword("face-down")),
        new("overrides-supported", Keywords("document-number", "pages")),
        new("page-ranges-supported", IppValue.Boolean(true)),
        new("print-color-mode-default", IppValue.Keyword("auto")),
        new("print-color-mode-supported", Keywords("auto", "color", "monochrome")),
        new("print-content-optimize-default", IppValue.Keyword("auto")),
        new("print-content-optimize-supported", Keywords("auto", "graphic", "photo", "text", "text-and-graphic")),
        new("print-quality-default", IppValue.Enum(4)),
        new("print-quality-supported", Enums(3, 4, 5)),
        new("print-rendering-intent-default", IppValue.Keyword("auto")),
        new("print-rendering-intent-supported", IppValue.Keyword("auto")),
        new("printer-resolution-default", IppValue.Resolution(600)),
        new("printer-resolution-supported", IppValue.Resolution(300), IppValue.Resolution(600)),
        new("sides-default", IppValue.Keyword("one-sided")),
        new("sides-supported", Keywords("one-sided", "two-sided-long-edge", "two-sided-short-edge")),
    ];

    /// <summary>The attributes that a job may have.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "copies", "finishings", "media", "media-col", "multiple-document-handling", "orientation-requested", "output-bin", "overrides", "page-ranges",
        "print-color-mode", "print-content-optimize", "print-quality", "print-rendering-intent", "printer-resolution", "sides",
    ];

    private static readonly Dictionary<string, IppAttribute> Supported = Attributes
        .Where(static attribute => attribute.Name.EndsWith("-supported", StringComparison.Ordinal))
        .ToDictionary(static attribute => attribute.Name[..^"-supported".Length]);

    /// <summary>
    /// What of a job's attributes is not supported, as RFC 8011 section 4.1.7 has it returned: with its values where they are to blame, and
    /// with the value <c>unsupported</c> where the attribute itself is.
    /// </summary>
    public static IReadOnlyList<IppAttribute> FindUnsupported(IEnumerable<IppAttribute> job)
    {
        List<IppAttribute> unsupported = [];
        foreach (var attribute in job)
        {
            if (!Names.Contains(attribute.Name))
            {
                unsupported.Add(new(attribute.Name, IppValue.Opaque(IppTag.Unsupported, null)));
            }
            else if (Supported.GetValueOrDefault(attribute.Name) is { } supported && !attribute.Values.All(value => IsAmong(value, supported.Values)))
            {
                unsupported.Add(attribute);
            }
        }

        return unsupported;
    }

    /// <summary>What is kept of a job's attributes: those that are supported, as far as they are short.</summary>
    public static IReadOnlyList<IppAttribute> SelectKept(IEnumerable<IppAttribute> job) => [.. job.Where(static attribute =>
        Names.Contains(attribute.Name)
        && attribute.Values.Count <= MaxKeptValues
        && attribute.Values.All(value =>
            value.Content is not IReadOnlyList<IppAttribute>
            && (!Supported.TryGetValue(attribute.Name, out var supported) || IsAmong(value, supported.Values))))];

    /// <summary>A collection, and a range of pages, is looked at when it is printed.</summary>
    private static bool IsAmong(IppValue value, IReadOnlyList<IppValue> supported) => value.Content switch
    {
        int number => supported.Any(other => other.Content switch
        {
            int single => single == number,
            IppRange range => range.Lower <= number && number <= range.Upper,
            _ => false,
        }),
        string or IppResolution => supported.Any(other => value.Content.Equals(other.Content)),
        IppRange range => range.Lower >= 1 && range.Lower <= range.Upper,
        IReadOnlyList<IppAttribute> => true,
        _ => false,
    };

    private static IppValue[] Keywords(params string[] values) => [.. values.Select(IppValue.Keyword)];

    private static IppValue[] Enums(params int[] values) => [.. values.Select(IppValue.Enum)];
}
