namespace KestrelTlsUpgrade.FunctionalTests.Interop.Proxies;

/// <summary>What the package tells its users of proxies.</summary>
internal static class ProxiesDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Proxies.md"));

    /// <summary>The lines in the boxes of a proxy's section, each of which makes it safe.</summary>
    public static string[] GetLines(string proxy) =>
        [.. GetSection(proxy).Split("```")[1..].Where(static (_, index) => index % 2 == 0).Select(static box => box[box.IndexOf('\n')..].Trim())];

    /// <summary>The rows of the table in a section, as cells.</summary>
    public static string[][] GetRows(string heading) =>
    [
        .. GetSection(heading).Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]),
    ];

    private static string GetSection(string heading) =>
        Text.Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal));
}
