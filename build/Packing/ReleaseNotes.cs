using System;
using System.IO;
using System.Text.RegularExpressions;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Reads a version's section of the changelog or, for a version that is not released yet, the section of what is unreleased.</summary>
public sealed class ReleaseNotes : Task
{
    /// <summary>The changelog, in the form of keepachangelog.com.</summary>
    [Required]
    public string Changelog { get; set; } = "";

    /// <summary>Such as <c>0.1.0-preview.1</c>.</summary>
    [Required]
    public string Version { get; set; } = "";

    /// <summary>The section without its heading, in lines that are not wrapped.</summary>
    [Output]
    public string Notes { get; set; } = "";

    /// <inheritdoc/>
    public override bool Execute()
    {
        var changelog = File.ReadAllText(Changelog).Replace("\r\n", "\n");
        var section = Find(changelog, Version) ?? Find(changelog, "Unreleased");
        if (section is null)
        {
            Log.LogError($"{Changelog} has a section neither for {Version} nor for what is unreleased.");
            return false;
        }

        // Package pages show notes as plain text, with its line breaks.
        var text = Regex.Replace(section, @"\[([^\]]+)\]\([^)]+\)", "$1");
        Notes = Regex.Replace(text, @"(?<=\S)\n[ ]*(?![-#\s])", " ").Replace("### ", "").Replace("**", "").Replace("`", "").Trim();
        return true;
    }

    private static string Find(string changelog, string name)
    {
        var match = Regex.Match(changelog, $@"^## \[?{Regex.Escape(name)}\]?(?: - \S+)?$\n(.*?)(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline);
        return match.Success ? match.Groups[1].Value : null;
    }
}
