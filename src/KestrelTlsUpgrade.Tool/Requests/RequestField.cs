using KestrelTlsUpgrade.Internal.HttpSyntax;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>A field of a request.</summary>
internal sealed record RequestField(string Name, string Value)
{
    public static RequestField Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !HttpToken.IsValid(text.AsSpan(0, colon)) || text.Any(char.IsControl) || !text.All(char.IsAscii))
        {
            throw new ToolException(ExitCode.Usage, $"'{text}' is not a field: Name: value, in ASCII");
        }

        return new RequestField(text[..colon], text[(colon + 1)..].Trim());
    }
}
