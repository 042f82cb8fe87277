using System.Text;

namespace KestrelTlsUpgrade.Fuzzing;

/// <summary>
/// The head of a message, read in the plainest way there is (RFC 9112 sections 2 to 5), for comparison with what readers made of it.
/// </summary>
/// <param name="StartLine">The first line.</param>
/// <param name="Fields">The fields, without the whitespace around their values.</param>
internal sealed record WireHead(string StartLine, IReadOnlyList<(string Name, string Value)> Fields)
{
    private const string TokenSymbols = "!#$%&'*+-.^_`|~";

    /// <summary>Reads a head with the empty line at its end.</summary>
    public static WireHead Read(ReadOnlySpan<byte> head)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        Oracle.Holds(lines.Length > 2 && lines[^1].Length == 0 && lines[^2].Length == 0, "A head ends in an empty line.");
        var fields = new List<(string, string)>();
        foreach (var line in lines[1..^2])
        {
            Oracle.Holds(line.Length > 0, "Nothing stands behind the end of a head.");
            Oracle.Holds(!line.Contains('\r') && !line.Contains('\n'), "A line ends in both of its characters.");
            var colon = line.IndexOf(':');
            Oracle.Holds(colon > 0 && line[..colon].All(IsTokenChar), "The name of a field is a token.");
            fields.Add((line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return new(lines[0], fields);
    }

    public List<string> GetValues(string name) => [.. Fields.Where(field => Is(field.Name, name)).Select(static field => field.Value)];

    /// <summary>The members of a field that is a list, whatever lines it is on (RFC 9110 section 5.6.1).</summary>
    public IEnumerable<string> GetMembers(string name) => GetValues(name).SelectMany(static value => SplitList(value));

    public static IEnumerable<string> SplitList(string value) =>
        value.Split(',').Select(static member => member.Trim(' ', '\t')).Where(static member => member.Length > 0);

    public static bool Is(string name, string expected) => name.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static bool IsTokenChar(char c) => char.IsAsciiLetterOrDigit(c) || TokenSymbols.Contains(c);
}
