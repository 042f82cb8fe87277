using System.Net;

namespace KestrelTlsUpgrade.Tool.Requests;

/// <summary>A proxy as given on the command line.</summary>
internal static class ProxySetting
{
    public static WebProxy Parse(string text)
    {
        var withScheme = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out var url)
            || url is not { Scheme: "http" or "https" or "socks4" or "socks4a" or "socks5", Host.Length: > 0 })
        {
            throw new ToolException(ExitCode.Usage, $"'{text}' is not the URL of a proxy: http, https, socks4, socks4a or socks5");
        }

        var address = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        return url.UserInfo.Length == 0 ? new WebProxy(address) : new WebProxy(address) { Credentials = CredentialsOf(url.UserInfo) };
    }

    private static NetworkCredential CredentialsOf(string userInfo)
    {
        var colon = userInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new NetworkCredential(Uri.UnescapeDataString(userInfo), "")
            : new NetworkCredential(Uri.UnescapeDataString(userInfo[..colon]), Uri.UnescapeDataString(userInfo[(colon + 1)..]));
    }
}
