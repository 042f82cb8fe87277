namespace KestrelTlsUpgrade.Conformance;

/// <summary>A row of Requirements.md.</summary>
/// <param name="Id">For example S-01.</param>
/// <param name="Source">Where it comes from: RFCs by number, with sections.</param>
/// <param name="Text">What is required, in short.</param>
/// <param name="ByDesign">Why there is nothing, or not everything, to be done for it. Empty where a test says it all.</param>
internal sealed record Requirement(string Id, string Source, string Text, string ByDesign)
{
    /// <summary>All rows of a file in its order.</summary>
    public static IReadOnlyList<Requirement> ReadAll(string path) =>
    [
        .. File.ReadLines(path)
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(static cells => cells.Length == 6 && cells[1].Length == 4 && char.IsAsciiDigit(cells[1][3]))
            .Select(static cells => new Requirement(cells[1], cells[2], cells[3], cells[4])),
    ];
}
