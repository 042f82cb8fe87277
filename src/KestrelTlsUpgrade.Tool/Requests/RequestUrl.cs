namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>The URL of a request.</summary>
internal static class RequestUrl
{
    public static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "http" or "https", Host.Length: > 0 })
        {
            throw new ToolException(ExitCode.Usage, $"'{text}' is not an http:// or https:// URL");
        }

        // Clients must not send them (RFC 9110 section 4.2.4).
        return url.UserInfo.Length == 0 ? url
            : throw new ToolException(ExitCode.Usage, "a name and password in the URL are not sent: use --header 'Authorization: ...'");
    }
}
