using System.Net;
using KestrelTlsUpgrade.Tool.CommandLine;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>A proxy as given on the command line.</summary>
internal static class ProxySetting
{
    private const string Resolving = "socks5h://";

    private static readonly string[] Variables = ["http_proxy", "https_proxy", "all_proxy"];

    /// <summary>The proxies of the environment, or of the system where it names none.</summary>
    public static IWebProxy OfEnvironment()
    {
        // .NET reads the variables itself, and goes directly to the server if it does not know the scheme.
        foreach (var name in Variables.SelectMany(static name => (string[])[name, name.ToUpperInvariant()]))
        {
            if (Environment.GetEnvironmentVariable(name) is { } text && text.StartsWith(Resolving, StringComparison.OrdinalIgnoreCase))
            {
                Environment.SetEnvironmentVariable(name, Known(text));
            }
        }

        return HttpClient.DefaultProxy;
    }

    public static WebProxy Parse(string text)
    {
        var url = TryParse(UrlText.WithScheme(text))
            ?? throw new ToolException(ExitCode.Usage, $"'{text}' is not the URL of a proxy: http, https, socks4, socks4a, socks5 or socks5h");
        var address = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        return url.UserInfo.Length == 0 ? new WebProxy(address) : new WebProxy(address) { Credentials = CredentialsOf(url.UserInfo) };
    }

    private static Uri? TryParse(string text) =>
        Uri.TryCreate(Known(text), UriKind.Absolute, out var url)
        && url is { Scheme: "http" or "https" or "socks4" or "socks4a" or "socks5", Host.Length: > 0 } ? url : null;

    /// <summary>.NET lets a proxy of SOCKS 5 resolve the name, which is <c>socks5h</c> elsewhere.</summary>
    private static string Known(string text) =>
        text.StartsWith(Resolving, StringComparison.OrdinalIgnoreCase) ? $"socks5://{text[Resolving.Length..]}" : text;

    private static NetworkCredential CredentialsOf(string userInfo)
    {
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new NetworkCredential(Uri.UnescapeDataString(userInfo), "")
            : new NetworkCredential(Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }
}
