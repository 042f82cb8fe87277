using System;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a Markdown file for a package. There, links to other files of the repository lead nowhere: they become links to the repository at
/// the packed commit or, where its address is not known, their text.
/// </summary>
public sealed class PackageMarkdown : Task
{
    private static readonly Regex Link = new(@"(?<!!)\[(?<text>[^\]]+)\]\((?<path>(?![a-z]+:|#)[^)#\s]+)(?<anchor>#[^)\s]*)?\)");

    /// <summary>The file of the repository.</summary>
    [Required]
    public string Source { get; set; } = "";

    /// <summary>The root of the repository.</summary>
    [Required]
    public string Root { get; set; } = "";

    /// <summary>The address of the root's files, or empty.</summary>
    public string FilesUrl { get; set; } = "";

    /// <summary>The file for the package.</summary>
    [Required]
    public string Destination { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(Source));
        var root = Path.GetFullPath(Root).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        var text = Link.Replace(File.ReadAllText(Source), link =>
        {
            var target = Path.GetFullPath(Path.Combine(folder, link.Groups["path"].Value));
            if (!target.StartsWith(root, StringComparison.Ordinal) || (!File.Exists(target) && !Directory.Exists(target)))
            {
                Log.LogError($"{Source} links to {link.Groups["path"].Value}, which is not in the repository.");
                return link.Value;
            }

            var path = target.Substring(root.Length).Replace(Path.DirectorySeparatorChar, '/');
            return FilesUrl == "" ? link.Groups["text"].Value : $"[{link.Groups["text"].Value}]({FilesUrl}/{path}{link.Groups["anchor"].Value})";
        });

        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        File.WriteAllText(Destination, text);
        return !Log.HasLoggedErrors;
    }
}
