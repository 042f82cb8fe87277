namespace IppPrinter.Ipp;

/// <summary>A name and one or more values.</summary>
internal sealed class IppAttribute(string name, params IReadOnlyList<IppValue> values)
{
    public string Name => name;

    public IReadOnlyList<IppValue> Values => values;

    /// <summary>The text of the first value: of any type of text, or with a language.</summary>
    public string? Text => values[0].Content switch
    {
        string text => text,
        IppLocalizedText localized => localized.Text,
        _ => null,
    };

    /// <summary>The first value if it is an integer or an enum.</summary>
    public int? Number => values[0].Content as int?;

    /// <summary>The first value if it is a boolean.</summary>
    public bool? Flag => values[0].Content as bool?;
}
