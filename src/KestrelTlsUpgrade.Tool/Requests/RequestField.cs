using KestrelTlsUpgrade.Internal.HttpSyntax;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>A field of a request.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; <see langword="null"/> to leave out a field that would be sent otherwise.</param>
internal sealed record RequestField(string Name, string? Value)
{
    /// <summary>Parses a field as curl does: <c>Name: value</c>, <c>Name;</c> for an empty value, and <c>Name:</c> for no such field.</summary>
    public static RequestField Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var isEmpty = colon < 0 && text.EndsWith(';');
        var end = isEmpty ? text.Length - 1 : colon;
        if (end < 0 || !HttpToken.IsValid(text.AsSpan(0, end)) || text.Any(char.IsControl) || !text.All(char.IsAscii))
        {
            throw new ToolException(ExitCode.Usage, $"'{text}' is not a field in ASCII: Name: value; 'Name;' sends an empty one, 'Name:' none");
        }

        var name = text[..end];
        var value = isEmpty ? "" : text[(end + 1)..].Trim();
        return value.Length > 0 || isEmpty ? new RequestField(name, value)
            : IsIndispensable(name) ? throw new ToolException(ExitCode.Usage, $"{name} cannot be left out")
            : new RequestField(name, null);
    }

    /// <summary>HttpClient sends them with every request that needs them.</summary>
    private static bool IsIndispensable(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
}
