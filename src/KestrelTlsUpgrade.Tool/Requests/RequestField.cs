using System.Buffers;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>A field of a request.</summary>
internal sealed record RequestField(string Name, string Value)
{
    private static readonly SearchValues<char> TokenChars = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static RequestField Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || text.AsSpan(0, colon).ContainsAnyExcept(TokenChars) || text.Any(char.IsControl) || !text.All(char.IsAscii))
        {
            throw new ToolException(ExitCode.Usage, $"'{text}' is not a field: Name: value, in ASCII");
        }

        return new RequestField(text[..colon], text[(colon + 1)..].Trim());
    }
}
