using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies the XML documentation of an assembly without its internal members, which the compiler documents too. The files PublicAPI.*.txt,
/// which an analyzer holds against the source, list what is public.
/// </summary>
public sealed class PublicDocumentation : Task
{
    private static readonly Dictionary<string, string> Keywords = new()
    {
        ["bool"] = "System.Boolean",
        ["byte"] = "System.Byte",
        ["double"] = "System.Double",
        ["int"] = "System.Int32",
        ["long"] = "System.Int64",
        ["object"] = "System.Object",
        ["string"] = "System.String",
        ["ushort"] = "System.UInt16",
    };

    /// <summary>The compiler's XML file.</summary>
    [Required]
    public string Source { get; set; } = "";

    /// <summary>The files PublicAPI.*.txt.</summary>
    [Required]
    public ITaskItem[] PublicApi { get; set; } = [];

    /// <summary>The XML file for the package.</summary>
    [Required]
    public string Destination { get; set; } = "";

    /// <summary>Whether nothing is public.</summary>
    [Output]
    public bool IsEmpty { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        var ids = new HashSet<string>(PublicApi.SelectMany(static file => File.ReadLines(file.ItemSpec)).Select(IdOfEntry));
        var document = XDocument.Load(Source, LoadOptions.PreserveWhitespace);
        foreach (var member in document.Descendants("member").ToList())
        {
            if (!ids.Contains(IdOfMember((string)member.Attribute("name"))))
            {
                // With the whitespace before it.
                (member.PreviousNode as XText)?.Remove();
                member.Remove();
            }
        }

        IsEmpty = !document.Descendants("member").Any();
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        document.Save(Destination, SaveOptions.DisableFormatting);
        return true;
    }

    // "M:N.Type.Method``1(``0,System.Int32)" without its kind, the number of its type parameters, and what is nullable.
    private static string IdOfMember(string name) =>
        Regex.Replace(Regex.Replace(name.Substring(2), @"(?<=\w)`+\d+", ""), @"System\.Nullable\{([^{}]+)\}", "$1");

    // "static N.Type.Method<T>(T a, int b = 1) -> void" has the id N.Type.Method(``0,System.Int32), "N.Type.Property.get -> int" N.Type.Property.
    private static string IdOfEntry(string entry)
    {
        var declaration = Regex.Replace(entry, "^((static|const|override|virtual|abstract|readonly|sealed) )+", "");
        declaration = declaration.Replace(".operator ==(", ".op_Equality(").Replace(".operator !=(", ".op_Inequality(");
        var method = Regex.Match(declaration, @"^([\w.]+?)(?:<([\w, ]+)>)?\((.*)\) -> ");
        if (!method.Success)
        {
            return Regex.Replace(Regex.Split(declaration, " -> | = ")[0], @"\.(get|set|init)$", "");
        }

        var name = Regex.Replace(method.Groups[1].Value, @"(?<=\.|^)(\w+)\.\1$", "$1.#ctor");
        var typeParameters = method.Groups[2].Value.Split(new[] { ", " }, StringSplitOptions.None);
        var parameters = SplitAtTopLevel(method.Groups[3].Value).Select(parameter => IdOfParameter(parameter, typeParameters));
        return method.Groups[3].Length == 0 ? name : $"{name}({string.Join(",", parameters)})";
    }

    private static string IdOfParameter(string parameter, string[] typeParameters)
    {
        var type = Regex.Replace(Regex.Replace(parameter, " = .*$", ""), @"^(this|params) | \w+$", "");
        var id = Regex.Replace(type.Replace("!", "").Replace(", ", ",").Replace('<', '{').Replace('>', '}'), @"(?<![\w.])[a-z]\w+(?![\w.])",
            static keyword => Keywords.TryGetValue(keyword.Value, out var name) ? name : keyword.Value);
        id = Regex.Replace(id, @"(?<![\w.])\w+(?![\w.])", name =>
            Array.IndexOf(typeParameters, name.Value) is var index and >= 0 ? "``" + index : name.Value);

        return id.Replace("?", "");
    }

    private static IEnumerable<string> SplitAtTopLevel(string list)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < list.Length; i++)
        {
            depth += list[i] is '<' or '(' ? 1 : list[i] is '>' or ')' ? -1 : 0;
            if (depth == 0 && list[i] == ',')
            {
                yield return list.Substring(start, i - start);
                start = i + 2;
            }
        }

        yield return list.Substring(start);
    }
}
