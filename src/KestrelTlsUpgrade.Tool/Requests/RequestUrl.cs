namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>The URL of a request.</summary>
internal static class RequestUrl
{
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0 }
            ? url
            : throw new ToolException(ExitCode.Usage, $"'{text}' is not an http:// or https:// URL");
}
