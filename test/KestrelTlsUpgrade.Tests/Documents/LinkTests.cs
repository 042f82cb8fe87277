using System.Reflection;
using System.Text.RegularExpressions;

namespace KestrelTlsUpgrade.Tests.Documents;

/// <summary>Links between the documents of the repository. Packages turn them into links to the repository.</summary>
public sealed partial class LinkTests
{
    private static readonly string Root = Path.GetFullPath(
        typeof(LinkTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "RepositoryRoot").Value!);

    private static readonly EnumerationOptions AllFiles = new() { RecurseSubdirectories = true, AttributesToSkip = 0 };

    private static readonly string[] Places = [".github", "samples", "src", "test"];

    /// <summary>Without what builds leave.</summary>
    public static TheoryData<string> Documents => [.. Directory.EnumerateFiles(Root, "*.md")
        .Concat(Places.SelectMany(static place => Directory.EnumerateFiles(Path.Combine(Root, place), "*.md", AllFiles)))
        .Select(static file => Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '/'))
        .Where(static file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_LeadToFilesAndHeadings(string document)
    {
        var file = Path.Combine(Root, document);
        Assert.All(Link().Matches(Code().Replace(File.ReadAllText(file), "")), link =>
        {
            var target = link.Groups["path"].Length == 0 ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, link.Groups["path"].Value));
            Assert.True(Path.Exists(target), $"{link.Value} leads nowhere.");
            if (link.Groups["heading"].Success)
            {
                Assert.Contains(link.Groups["heading"].Value, Headings(target));
            }
        });
    }

    private static IEnumerable<string> Headings(string file) =>
        Heading().Matches(Code().Replace(File.ReadAllText(file), "")).Select(static heading => ToAnchor(heading.Groups[1].Value));

    /// <summary>The anchor that GitHub gives a heading.</summary>
    private static string ToAnchor(string heading) =>
        Punctuation().Replace(LinkText().Replace(heading, "$1").Trim(), "").Replace(' ', '-').ToLowerInvariant();

    [GeneratedRegex(@"(?<!!)\[[^\]]+\]\((?<path>(?![a-z]+:)[^)#\s]*)(?:#(?<heading>[^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Code();
}
