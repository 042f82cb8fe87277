namespace IppPrinter.Spooling;

/// <summary>A format that can be printed, and how its documents begin.</summary>
internal sealed record DocumentFormat(string MediaType, string Extension, byte[] Beginning)
{
    /// <summary>The client leaves it to the printer to look.</summary>
    public const string Unknown = "application/octet-stream";

    public static IReadOnlyList<DocumentFormat> All { get; } =
    [
        new("application/pdf", ".pdf", "%PDF-"u8.ToArray()),
        new("image/jpeg", ".jpg", [0xFF, 0xD8, 0xFF]),
        new("image/pwg-raster", ".pwg", "RaS2"u8.ToArray()),
        new("image/urf", ".urf", "UNIRAST\0"u8.ToArray()),
    ];

    /// <summary>As many octets as tell one from another.</summary>
    public static int LongestBeginning { get; } = All.Max(static format => format.Beginning.Length);

    public static DocumentFormat? Find(string mediaType) =>
        All.FirstOrDefault(format => format.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase));

    public static DocumentFormat? Detect(ReadOnlySpan<byte> beginning)
    {
        foreach (var format in All)
        {
            if (beginning.StartsWith(format.Beginning))
            {
                return format;
            }
        }

        return null;
    }
}
