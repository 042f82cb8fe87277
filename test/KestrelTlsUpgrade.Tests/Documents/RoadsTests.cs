using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.Tests.Documents;

/// <summary>The lists of Roads.md, held against the source files and against the counts that it states.</summary>
public sealed partial class RoadsTests
{
    private static readonly string Document = Read("Roads.md").ReplaceLineEndings("\n");

    private static readonly HashSet<string> Sources =
        [.. Read("Sources.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static readonly HashSet<string> Names = [.. Sources.Select(static path => path.Split('/')[^1])];

    private static readonly Road[] Roads = [.. Document.Split("\n## ").Where(static section => char.IsAsciiDigit(section[0])).Select(Road.Of)];

    [Fact]
    public void Paths_AreThoseOfSourceFiles()
    {
        Assert.NotEmpty(Roads);
        Assert.All(Roads.SelectMany(static road => road.Paths), static path => Assert.Contains(path, Sources));
        Assert.All(Roads.SelectMany(static road => road.ByName), static name => Assert.Contains(name, Names));
    }

    [Fact]
    public void Counts_AreThoseOfTheLists()
    {
        Assert.Equal(
            Roads.Select(static road =>
                $"| {road.Title} | {road.Paths.Length} | {road.Folders} | {road.Changes} | {road.Returns} | {road.ByName.Length} |"),
            CountRow().Matches(Document).Select(static row => row.Value));
        Assert.All(Roads, static road => Assert.Contains(
            $"A reader opens {road.Paths.Length} files in {road.Folders} folders, with {road.Changes} changes of folder and "
            + (road.Returns switch { 0 => "no returns.", 1 => "1 return.", var returns => $"{returns} returns." }),
            road.Text));
    }

    [Fact]
    public void FilesOfChanges_AreSourceFiles()
    {
        var names = ChangeRow().Matches(Document[Document.IndexOf("## Ten changes", StringComparison.Ordinal)..])
            .SelectMany(static row => Name().Matches(row.Groups[1].Value).Select(static name => name.Groups[1].Value))
            .ToArray();

        Assert.NotEmpty(names);
        Assert.All(names, static name => Assert.Contains(name, Names));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Roads", file));

    [GeneratedRegex(@"^\| \d\. .+(?: \| \d+){5} \|$", RegexOptions.Multiline)]
    private static partial Regex CountRow();

    [GeneratedRegex(@"^\| [^|]+ \| ([^|]+) \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex ChangeRow();

    [GeneratedRegex(@"^\d+\. `([\w./]+)`: ", RegexOptions.Multiline)]
    private static partial Regex Item();

    /// <summary>A type. Other code, such as the name of a document, is no source file.</summary>
    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Name();

    /// <param name="Title">The heading.</param>
    /// <param name="Text">The section in one line.</param>
    /// <param name="Paths">The files that are opened, in order.</param>
    /// <param name="ByName">The files that are known by name alone.</param>
    private sealed record Road(string Title, string Text, string[] Paths, string[] ByName)
    {
        private string[] FolderOfEach { get; } = [.. Paths.Select(static path => path[..path.LastIndexOf('/')])];

        public int Folders => FolderOfEach.Distinct().Count();

        public int Changes => FolderOfEach.Zip(FolderOfEach.Skip(1)).Count(static pair => pair.First != pair.Second);

        public int Returns => Paths.Length - Paths.Distinct().Count();

        public static Road Of(string section)
        {
            var paths = new List<string>();
            foreach (Match item in Item().Matches(section))
            {
                // Without a package, it is that of the line before.
                var path = item.Groups[1].Value;
                var hasPackage = path.Split('/') is [var first, _, ..] && (first is "Shared" || first.StartsWith("KestrelTlsUpgrade", StringComparison.Ordinal));
                paths.Add(hasPackage ? path : $"{paths[^1].Split('/')[0]}/{path}");
            }

            return new(
                section.Split('\n')[0],
                section.Replace('\n', ' '),
                [.. paths],
                [.. Name().Matches(section[section.IndexOf("By name alone", StringComparison.Ordinal)..]).Select(static name => name.Groups[1].Value)]);
        }
    }
}
