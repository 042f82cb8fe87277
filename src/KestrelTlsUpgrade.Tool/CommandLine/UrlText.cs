namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>URLs as users type them.</summary>
internal static class UrlText
{
    /// <summary>Adds http if there is no scheme (RFC 3986 section 3.1) before the first <c>://</c>.</summary>
    public static string WithScheme(string text)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        return end > 0 && char.IsAsciiLetter(text[0]) && text[..end].All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')
            ? text
            : $"http://{text}";
    }
}
