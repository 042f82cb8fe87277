using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-28 to S-34: what a client in clear text is told, and in which form.</summary>
public sealed class RefusalTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";

    [Fact]
    public async Task S28_S29_AnyClient_ProblemDetails()
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, Request());
        Assert.Equal("HTTP/1.1 426 Upgrade Required", response.StatusLine);
        Assert.Equal("TLS/1.3, TLS/1.2, HTTP/1.1", response["Upgrade"]);
        Assert.Equal("keep-alive, Upgrade", response["Connection"]);
        Assert.Equal("no-store", response["Cache-Control"]);
        Assert.Equal("Accept, Upgrade-Insecure-Requests", response["Vary"]);
        Assert.Equal("application/problem+json", response["Content-Type"]);
        var problem = JsonDocument.Parse(response.Content).RootElement;
        Assert.Equal(426, problem.GetProperty("status").GetInt32());
        Assert.Equal("Upgrade Required", problem.GetProperty("title").GetString());
        Assert.Equal("https://tools.ietf.org/html/rfc9110#section-15.5.22", problem.GetProperty("type").GetString());
        Assert.Equal($"https://localhost:{server.Port}/secret?a=%2F%20b", problem.GetProperty("secureUri").GetString());
        Assert.Equal(
            "This resource is served over TLS only. Repeat the request with the fields Upgrade: TLS/1.3 and Connection: Upgrade "
            + $"(RFC 2817 section 3), or use https://localhost:{server.Port}/secret?a=%2F%20b over HTTP/2 instead.",
            problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("POST", "Content-Length: 0\r\n")]
    [InlineData("GET", "Content-Length: 1\r\n")]
    public async Task S28_RequestThatCannotUpgradeItself_ToldOfOptions(string method, string fields)
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, Request(method, fields: fields) + (fields.Contains('1') ? "x" : ""));
        Assert.Contains("OPTIONS * and the fields Upgrade: TLS/1.3", JsonDocument.Parse(response.Content).RootElement.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData(Browser, true)]
    [InlineData("text/html", true)]
    [InlineData("text/html, application/json;q=0.9", true)]
    [InlineData("text/*", true)]
    [InlineData("", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html, */*", false)]
    [InlineData("text/html;q=0.5, application/json", false)]
    [InlineData("text/html;q=0, */*", false)]
    [InlineData("application/problem+json, text/html;q=0.9", false)]
    [InlineData("application/*, text/html;q=0.9", false)]
    [InlineData("text/plain", false)]
    [InlineData(";;;", false)]
    public async Task S29_Accept_ChoosesPageOrProblem(string accept, bool isPage)
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, Request(fields: $"Accept: {accept}\r\n"));
        Assert.Equal(426, response.Status);
        Assert.Equal(isPage ? "text/html; charset=utf-8" : "application/problem+json", response["Content-Type"]);
    }

    [Fact]
    public async Task S29_Page_LinksToHttps()
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, Request(fields: "Accept: text/html\r\n", target: "/secret?<script>\"&b"));
        var link = $"https://localhost:{server.Port}/secret?&lt;script&gt;&quot;&amp;b";
        Assert.Contains($"""<a href="{link}">{link}</a>""", response.Content);
        Assert.DoesNotContain("<script", response.Content);
    }

    [Theory]
    [InlineData(DirectTlsMode.Off, HttpProtocols.Http1AndHttp2, "", false)]
    [InlineData(DirectTlsMode.Http2Only, HttpProtocols.Http1, "", false)]
    [InlineData(DirectTlsMode.Http2Only, HttpProtocols.Http1AndHttp2, "", true)]
    [InlineData(DirectTlsMode.Any, HttpProtocols.Http1, "", true)]
    [InlineData(DirectTlsMode.Any, HttpProtocols.Http1, "Via: 1.1 proxy\r\n", false)]
    public async Task S29_Link_OnlyWhereItWorks(DirectTlsMode directTls, HttpProtocols protocols, string fields, bool hasLink)
    {
        await using var server = await StartAsync(
            options => options.DirectTls = directTls, endpoint: endpoint => endpoint.Protocols = protocols);
        var problem = await AskAsync(server, Request(fields: fields));
        Assert.Equal(hasLink, problem.Content.Contains("secureUri"));
        var page = await AskAsync(server, Request(fields: fields + "Accept: text/html\r\n"));
        Assert.Equal(hasLink, page.Content.Contains("href"));
        if (fields.Length > 0)
        {
            Assert.Contains("This connection cannot be upgraded", problem.Content);
        }
    }

    /// <summary>Where DirectTls is Http2Only, https over HTTP/1.1 gets 505.</summary>
    [Theory]
    [InlineData(DirectTlsMode.Http2Only, "HTTP/1.1", " over HTTP/2 instead.")]
    [InlineData(DirectTlsMode.Any, "HTTP/1.1", " instead.")]
    [InlineData(DirectTlsMode.Http2Only, "HTTP/1.0", " over HTTP/2 instead.")]
    [InlineData(DirectTlsMode.Any, "HTTP/1.0", " instead.")]
    public async Task S29_Https_SaysIfItNeedsHttp2(DirectTlsMode directTls, string version, string text)
    {
        await using var server = await StartAsync(options => options.DirectTls = directTls);
        foreach (var accept in new[] { "application/json", "text/html" })
        {
            var response = await AskAsync(server, $"GET /secret {version}\r\nHost: localhost:{{port}}\r\nAccept: {accept}\r\n\r\n");
            Assert.Contains($"https://localhost:{server.Port}/secret{text}", response.Content);
        }
    }

    /// <summary>People read what is needed and where it is; the words of the protocol come last.</summary>
    [Fact]
    public async Task S29_Page_IsForPeople()
    {
        await using var server = await StartAsync();
        var page = (await AskAsync(server, Request(fields: $"Accept: {Browser}\r\n", target: "/secret"))).Content;
        var (need, link, detail) = (page.IndexOf("This page needs a secure connection", StringComparison.Ordinal),
            page.IndexOf("<a href", StringComparison.Ordinal), page.IndexOf("426 Upgrade Required", StringComparison.Ordinal));
        Assert.True(0 < need && need < link && link < detail, page);
        Assert.True(detail < page.IndexOf("RFC 2817", StringComparison.Ordinal));
        Assert.Contains("prefers-color-scheme:dark", page);
        Assert.Contains("width=device-width", page);
    }

    /// <summary>
    /// A client of a reverse proxy cannot upgrade, and 426 is malformed over HTTP/2. A client of a forward proxy can open a tunnel.
    /// </summary>
    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\n", 403)]
    [InlineData("x-forwarded-proto: http\r\n", 403)]
    [InlineData("Forwarded: for=192.0.2.1\r\n", 403)]
    [InlineData("X-Real-IP: 192.0.2.1\r\n", 403)]
    [InlineData("CF-Ray: 1\r\n", 403)]
    [InlineData("Via: 1.1 nginx\r\nX-Real-IP: 192.0.2.1\r\n", 403)]
    [InlineData("Via: 1.1 squid\r\nX-Forwarded-For: 192.0.2.1\r\nSurrogate-Capability: x\r\n", 403)]
    [InlineData("Via: 1.1 proxy\r\n", 426)]
    [InlineData("Via: 1.1 squid\r\nX-Forwarded-For: 192.0.2.1\r\n", 426)]
    [InlineData("Max-Forwards: 9\r\n", 426)]
    [InlineData("X-BlueCoat-Via: 1\r\n", 426)]
    [InlineData("X-IMForwards: 1\r\n", 426)]
    [InlineData("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n", 426)]
    public async Task S28_Proxied_ForbiddenBehindAReverseProxyOnly(string fields, int status)
    {
        await using var server = await StartAsync();
        await using (var allowing = await StartAsync(options => options.AllowBehindProxy = true))
        {
            Assert.Equal(426, (await AskAsync(allowing, Request(fields: fields))).Status);
        }

        foreach (var accept in new[] { "", "Accept: text/html\r\n" })
        {
            var response = await AskAsync(server, Request(fields: fields + accept));
            Assert.Equal(status, response.Status);
            Assert.Equal(status == 426, response["Upgrade"] is not null);
            Assert.Equal(status == 426 ? "keep-alive, Upgrade" : null, response["Connection"]);
            Assert.Equal(accept.Length > 0 ? "text/html; charset=utf-8" : "application/problem+json", response["Content-Type"]);
            Assert.Equal("no-store", response["Cache-Control"]);
        }
    }

    [Theory]
    [InlineData("X-Forwarded-Proto: https\r\n", true)]
    [InlineData("X-Forwarded-Proto: http\r\n", false)]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\n", false)]
    public async Task S28_ProxyThatReportsHttps_ToldWhatIsMissing(string fields, bool isNamed)
    {
        await using var server = await StartAsync();
        var response = await AskAsync(server, Request(fields: fields));
        var problem = JsonDocument.Parse(response.Content).RootElement;
        Assert.Equal((403, 403), (response.Status, problem.GetProperty("status").GetInt32()));
        Assert.Equal("https://tools.ietf.org/html/rfc9110#section-15.5.4", problem.GetProperty("type").GetString());
        Assert.Equal(isNamed, problem.GetProperty("detail").GetString()!.Contains("UseForwardedHeaders()", StringComparison.Ordinal));
        Assert.Contains("through a proxy", problem.GetProperty("detail").GetString());
    }

    /// <summary>The answer to <c>OPTIONS *</c> advertises the upgrade, which breaks it behind a proxy in the same way.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("Via: 1.1 proxy\r\n", false)]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\n", false)]
    public async Task OptionsOfServer_Proxied_NoAdvertisement(string fields, bool isAdvertised)
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.RequireTlsUpgrade());
        var response = await AskAsync(server, Request("OPTIONS", fields: fields, target: "*"));
        Assert.Equal((200, isAdvertised), (response.Status, response["Upgrade"] is not null));
    }

    [Theory]
    [InlineData("example.com", "https://example.com:80/secret")]
    [InlineData("example.com:8080", "https://example.com:8080/secret")]
    [InlineData("[::1]:81", "https://[::1]:81/secret")]
    public async Task S29_Link_SameHostAndPort(string host, string link)
    {
        await using var server = await StartAsync();
        Assert.Contains(
            $"\"{link}\"", (await AskAsync(server, Request(host: host, target: "/secret"))).Content);
        Assert.Contains(
            $"\"{link}\"", (await AskAsync(server, Request(host: host, target: $"http://{host}/secret"))).Content);
    }

    [Fact]
    public async Task S29_ProblemDetailsService_CustomisesAsUsual()
    {
        await using var server = await StartAsync(services: services => services.AddProblemDetails(options =>
            options.CustomizeProblemDetails = context => context.ProblemDetails.Extensions["ticket"] = "T-1"));
        var problem = JsonDocument.Parse((await AskAsync(server, Request())).Content).RootElement;
        Assert.Equal("T-1", problem.GetProperty("ticket").GetString());
        Assert.Equal("Upgrade Required", problem.GetProperty("title").GetString());
        Assert.True(problem.TryGetProperty("secureUri", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Accept: text/html\r\n")]
    public async Task S29_Head_SameWithoutContent(string fields)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(fields: fields, host: "localhost"));
        var get = await connection.ReadResponseAsync();
        await connection.SendAsync(Request("HEAD", fields: fields, host: "localhost"));
        var head = await connection.ReadResponseAsync(toHead: true);
        Assert.Equal(get.StatusLine, head.StatusLine);
        Assert.Equal(get.Fields.Where(field => field.Name != "Date"), head.Fields.Where(field => field.Name != "Date"));
        await connection.SendAsync(Request(target: "/open", host: "localhost"));
        Assert.Equal("open", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>Kestrel drops the content of an answer to HEAD, other servers send what they are given.</summary>
    [Fact]
    public async Task S29_Head_NoContentOnAnyServer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore().AddTlsUpgrade();
        await using var app = builder.Build();
        app.MapMethods("/secret", ["HEAD"], () => "secret").RequireTlsUpgrade();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = app.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/secret");
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.True(response.Content.Headers.ContentLength > 0);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "TLS/1.2, HTTP/1.1")]
    [InlineData(SslProtocols.Tls13, "TLS/1.3, HTTP/1.1")]
    public async Task S28_EnabledVersions_AreNamed(SslProtocols versions, string tokens)
    {
        await using var server = await StartAsync(options => options.Https.SslProtocols = versions);
        Assert.Equal(tokens, (await AskAsync(server, Request()))["Upgrade"]);
    }

    [Fact]
    public async Task S28_EndpointThatDoesNotUpgrade_StillRefuses()
    {
        await using var server = await StartAsync(isUpgradable: false);
        var response = await AskAsync(server, Request());
        Assert.Equal(426, response.Status);
        Assert.Equal("TLS/1.3, TLS/1.2, HTTP/1.1", response["Upgrade"]);
        Assert.Contains("This connection cannot be upgraded to TLS.", response.Content);
        Assert.Equal("Accept", response["Vary"]);
    }

    [Theory]
    [InlineData("HTTP/1.1", "Connection: close\r\n")]
    [InlineData("HTTP/1.0", "")]
    [InlineData("HTTP/1.0", "Connection: keep-alive\r\n")]
    public async Task S31_ConnectionThatEnds_SaysSo(string version, string fields)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret {version}\r\nHost: localhost\r\n{fields}\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(426, response.Status);
        Assert.Equal("close, Upgrade", response["Connection"]);
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task S34_Http2InClearText_Forbidden()
    {
        await using var server = await StartAsync(isUpgradable: false, endpoint: endpoint => endpoint.Protocols = HttpProtocols.Http2);
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.GetAsync($"http://localhost:{server.Port}/secret", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(response.Headers.Upgrade);
        Assert.Empty(response.Headers.Connection);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal("Forbidden", problem.GetProperty("title").GetString());
        Assert.Equal(403, problem.GetProperty("status").GetInt32());
    }

    private static async Task<RawResponse> AskAsync(UpgradeServer server, string request)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(request.Replace("{port}", $"{server.Port}", StringComparison.Ordinal));
        return await connection.ReadResponseAsync();
    }

    private static string Request(
        string method = "GET", string host = "localhost:{port}", string fields = "", string target = "/secret?a=%2F%20b") =>
        $"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n";

    private static Task<UpgradeServer> StartAsync(
        Action<TlsUpgradeOptions>? upgrade = null,
        Action<IServiceCollection>? services = null,
        Action<ListenOptions>? endpoint = null,
        bool isUpgradable = true) => UpgradeServer.StartAsync(
            upgrade,
            services: services,
            endpoint: endpoint,
            isUpgradable: isUpgradable,
            app: app =>
            {
                app.MapGet("/open", () => "open");
                app.MapMethods("/secret", ["GET", "HEAD", "POST"], (HttpContext context) => "secret")
                    .RequireTlsUpgrade();
            });
}
