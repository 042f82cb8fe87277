using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>What the package tells its users of printing.</summary>
internal static partial class PrintingDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Printing.md"));

    /// <summary>Fails, and shows what happened, unless it is what the document says.</summary>
    public static void AssertContains(string happened) =>
        Assert.True(Text.Contains(happened, StringComparison.Ordinal), $"This is not in the document:\n{happened}");

    /// <summary>Fails unless the document quotes a line of the log, whatever its connection is called.</summary>
    public static void AssertQuotes(string line) => AssertContains(ConnectionId().Replace(line, "Connection 0HN…").Trim());

    [GeneratedRegex(@"^\s*Connection \w+")]
    private static partial Regex ConnectionId();
}
