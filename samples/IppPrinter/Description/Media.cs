using IppPrinter.Ipp;

namespace IppPrinter.Description;

/// <summary>The papers that the printer takes (PWG 5101.1), in hundredths of a millimeter.</summary>
internal sealed record Media(string Name, int Width, int Length)
{
    public const int Margin = 423;

    public const string Source = "main";

    public const string Type = "stationery";

    public static Media Default { get; } = new("iso_a4_210x297mm", 21000, 29700);

    public static IReadOnlyList<Media> All { get; } =
    [
        Default,
        new("na_letter_8.5x11in", 21590, 27940),
        new("iso_a5_148x210mm", 14800, 21000),
        new("na_legal_8.5x14in", 21590, 35560),
        new("na_index-4x6_4x6in", 10160, 15240),
    ];

    /// <summary>The value of <c>media-size</c>.</summary>
    public IppValue Size => IppValue.Collection(
        new IppAttribute("x-dimension", IppValue.Integer(Width)), new IppAttribute("y-dimension", IppValue.Integer(Length)));

    /// <summary>The value of <c>media-col</c> (PWG 5100.7).</summary>
    public IppValue Collection => IppValue.Collection(
        new IppAttribute("media-size", Size),
        new IppAttribute("media-size-name", IppValue.Keyword(Name)),
        new IppAttribute("media-bottom-margin", IppValue.Integer(Margin)),
        new IppAttribute("media-left-margin", IppValue.Integer(Margin)),
        new IppAttribute("media-right-margin", IppValue.Integer(Margin)),
        new IppAttribute("media-top-margin", IppValue.Integer(Margin)),
        new IppAttribute("media-source", IppValue.Keyword(Source)),
        new IppAttribute("media-type", IppValue.Keyword(Type)));
}
