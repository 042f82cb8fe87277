using System.Net;
using System.Text.RegularExpressions;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>A browser that opens, in clear text, a page that requires TLS.</summary>
public sealed partial class BrowserTests
{
    [Fact]
    public async Task RedirectBrowsers_On_PageShownOverHttps()
    {
        await using var server = await StartAsync(redirect: true);
        Assert.Contains($"https://localhost:{server.Port} HTTP/2", await Chromium.OpenAsync($"http://localhost:{server.Port}/secret"));
    }

    [Fact]
    public async Task RedirectBrowsers_Off_LinkShownThatLeadsToHttps()
    {
        await using var server = await StartAsync(redirect: false);
        var document = await Chromium.OpenAsync($"http://localhost:{server.Port}/secret");
        Assert.Contains("Upgrade Required", document);
        var link = WebUtility.HtmlDecode(Link().Match(document).Groups[1].Value);
        Assert.Equal($"https://localhost:{server.Port}/secret", link);
        Assert.Contains($"https://localhost:{server.Port} HTTP/2", await Chromium.OpenAsync(link));
    }

    [GeneratedRegex("href=\"([^\"]+)\"")]
    private static partial Regex Link();

    private static Task<UpgradeServer> StartAsync(bool redirect)
    {
        Peers.Require("chromium");
        return UpgradeServer.StartAsync(options => options.RedirectBrowsers = redirect, app: app => app.MapGet(
            "/secret",
            (HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host} {context.Request.Protocol}").RequireTlsUpgrade());
    }
}
