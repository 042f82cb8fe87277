namespace IppPrinter.Ipp;

/// <summary>A name and one or more values.</summary>
internal sealed class IppAttribute(string name, params IReadOnlyList<IppValue> values)
{
    public string Name => name;

    /// <summary>At least one: without any there is nothing to write (RFC 8010 section 3.1.3).</summary>
    public IReadOnlyList<IppValue> Values { get; } =
        values.Count > 0 ? values : throw new ArgumentException("An attribute has at least one value.", nameof(values));

    /// <summary>The text of the first value: of any type of text, or with a language.</summary>
    public string? Text => Values[0].Content switch
    {
        string text => text,
        IppLocalizedText localized => localized.Text,
        _ => null,
    };

    /// <summary>The first value if it is an integer or an enum.</summary>
    public int? Number => Values[0].Content as int?;

    /// <summary>The first value if it is a boolean.</summary>
    public bool? Flag => Values[0].Content as bool?;
}
