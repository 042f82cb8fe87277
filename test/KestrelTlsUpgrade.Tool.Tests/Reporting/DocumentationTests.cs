using System.Text.Json;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tool.Tests.Support;

namespace KestrelTlsUpgrade.Tool.Tests.Reporting;

/// <summary>The README is what scripts are written by.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ToolReadme.md"));

    [GeneratedRegex("`([A-Za-z0-9]+)(?:\\[\\])?`")]
    private static partial Regex Word { get; }

    [GeneratedRegex("(?<= )--?[a-z-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Option { get; }

    [Fact]
    public async Task Readme_JsonNames_AreThoseOfTheOutput()
    {
        await using var server = await UpgradeServer.StartAsync();
        var run = await ToolRun.RunAsync("probe", $"http://localhost:{server.Port}/", "--json", "-k");
        var section = Readme[Readme.IndexOf("### JSON", StringComparison.Ordinal)..Readme.IndexOf("## tls-upgrade get", StringComparison.Ordinal)];
        var rows = section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')).ToArray();
        Assert.Equal(
            run.Json.EnumerateObject().Select(property => property.Name).Order(),
            rows.SelectMany(row => WordsIn(row[1])).Order());
        foreach (var row in rows.Where(row => WordsIn(row[1]).Length == 1))
        {
            var value = run.Json.GetProperty(WordsIn(row[1])[0]);
            var example = value.ValueKind is JsonValueKind.Array ? value[0] : value;
            if (example.ValueKind is JsonValueKind.Object)
            {
                // What stands in brackets are values.
                Assert.Equal(
                    example.EnumerateObject().Select(property => property.Name).Order(),
                    WordsIn(Regex.Replace(row[2], "\\([^)]*\\)", "")).Order());
            }
        }
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("get")]
    [InlineData("head")]
    [InlineData("options")]
    [InlineData("advise")]
    public async Task Readme_Options_AreThere(string command)
    {
        var help = (await ToolRun.RunAsync(command, "--help")).Output;
        var options = Option.Matches(help[help.IndexOf("Options:", StringComparison.Ordinal)..]).Select(match => match.Value)
            .Except(["-h", "--help"]).Distinct().ToArray();
        Assert.Contains("--timeout", options);
        Assert.All(options, option => Assert.Matches($"`{option}[` ]", Readme));
    }

    [Theory]
    [InlineData("probe", 2)]
    [InlineData("get", 3)]
    [InlineData("head", 3)]
    [InlineData("options", 3)]
    [InlineData("advise", 4)]
    public async Task Readme_ExitCodes_AreThoseOfTheHelp(string command, int column)
    {
        var help = (await ToolRun.RunAsync(command, "--help")).Output.ReplaceLineEndings("\n");
        var lines = help[(help.IndexOf("Exit codes:\n", StringComparison.Ordinal) + "Exit codes:\n".Length)..].Split('\n').TakeWhile(line => line.Length > 0);
        var rows = Readme[Readme.IndexOf("## Exit codes", StringComparison.Ordinal)..].Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Skip(1)
            .TakeWhile(cells => int.TryParse(cells[1], out _)).ToArray();
        Assert.Equal(
            rows.Select(cells => (Code: cells[1], Text: cells[column] == "the same" ? cells[2] : cells[column]))
                .Where(row => row.Text.Length > 0).Select(row => $"  {row.Code,-4} {row.Text.Replace("`", "", StringComparison.Ordinal)}"),
            lines);
    }

    private static string[] WordsIn(string text) => [.. Word.Matches(text).Select(match => match.Groups[1].Value)];
}
