using KestrelTlsUpgrade.Internal.Requiring.Attributes;
using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.TestApp.Components;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Blazor;

/// <summary>Interactive Blazor, whose router shows pages without a request for them.</summary>
public sealed class CircuitTests
{
    private const string Negotiation = "POST /_blazor/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task PageKnownToRouterOnly_PageOpenedInClearText_NothingOfItInClearText(HttpTransportType transport)
    {
        await using var server = await StartAsync(transport: transport);
        await using var relay = new RecordingRelay(server.EndPoint);
        await using var page = await ChromiumPage.OpenAsync($"http://localhost:{relay.Port}/");
        await page.WaitForAsync(
            $"""
            document.querySelector('#home').innerText === '{Home.Interactive}'
              || performance.getEntriesByType('resource').some(entry => entry.name.includes('/_blazor/negotiate') && entry.responseStatus === 426)
            """);
        await EvaluateAsync(page, "Blazor.navigateTo('/component/secret')");
        await page.WaitForAsync("location.pathname === '/component/secret' && document.querySelector('#home') === null");
        Assert.Equal(0, relay.Count(Secret.Content));
        Assert.Equal(0, relay.Count(Home.Interactive));
    }

    [Fact]
    public async Task EndpointOfPage_PageOpenedInClearText_LeadsToHttps()
    {
        await using var server = await StartAsync(map: app => app.MapRazorComponents<Shell>().AddAdditionalAssemblies(typeof(Secret).Assembly).AddInteractiveServerRenderMode());
        await using var relay = new RecordingRelay(server.EndPoint);
        await using var page = await ChromiumPage.OpenAsync($"http://localhost:{relay.Port}/");
        await relay.WaitForAsync("426 Upgrade Required");

        // Enhanced navigation gets the answer of any other request that no browser window makes.
        await EvaluateAsync(page, "Blazor.navigateTo('/component/secret')");
        await relay.WaitForAsync("426 Upgrade Required", count: 2);
        await EvaluateAsync(page, "setTimeout(() => location.href = '/component/secret')");
        await page.WaitForAsync($"location.protocol === 'https:' && document.querySelector('#secret')?.innerText === '{Secret.Content}'");
        Assert.Equal(0, relay.Count(Secret.Content));
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task PageKnownToRouterOnly_PageOpenedOverTls_Shown(HttpTransportType transport)
    {
        await using var server = await StartAsync(transport: transport);
        await using var page = await ChromiumPage.OpenAsync($"https://localhost:{server.Port}/");
        await page.WaitForAsync($"document.querySelector('#home').innerText === '{Home.Interactive}'");
        await EvaluateAsync(page, "Blazor.navigateTo('/component/secret')");
        await page.WaitForAsync($"document.querySelector('#secret')?.innerText === '{Secret.Content}'");
    }

    [Theory]
    [InlineData(HttpTransportType.WebSockets)]
    [InlineData(HttpTransportType.LongPolling)]
    public async Task NoComponentRequiresTls_InClearText_Interactive(HttpTransportType transport)
    {
        await using var server = await StartAsync(new(), transport);
        await using var page = await ChromiumPage.OpenAsync($"http://localhost:{server.Port}/");
        await page.WaitForAsync($"document.querySelector('#home').innerText === '{Home.Interactive}'");
    }

    [Theory]
    [InlineData("POST /_blazor/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET /_blazor HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")]
    [InlineData("GET /_blazor?id=x HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /_blazor?id=x HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")]
    [InlineData("POST /_blazor?id=x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("DELETE /_blazor?id=x HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST /other/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET /component/secret HTTP/1.1\r\nHost: localhost\r\nAccept: text/html; blazor-enhanced-nav=on\r\n\r\n")]
    public async Task EveryRequestOfCircuit_InClearText_Refused(string request)
    {
        await using var server = await StartAsync(map: app =>
        {
            app.MapRazorComponents<Shell>().AddAdditionalAssemblies(typeof(Secret).Assembly).AddInteractiveServerRenderMode();
            app.MapBlazorHub("/other");
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(request);
        var refusal = await connection.ReadResponseAsync();
        Assert.Equal(426, refusal.Status);
        Assert.Equal("TLS/1.3, TLS/1.2, HTTP/1.1", refusal["Upgrade"]);
        Assert.DoesNotContain(Secret.Content, refusal.Content);
    }

    [Fact]
    public async Task Negotiation_OverUpgradedConnection_Answered()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        await connection.ReadResponseAsync();
        await connection.SendAsync(Negotiation);
        var response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Contains("connectionId", response.Content);
    }

    [Fact]
    public async Task PageMarkedByConvention_CircuitInClearText_Refused()
    {
        await using var server = await StartAsync(new(), map: app =>
        {
            var components = app.MapRazorComponents<Shell>().AddInteractiveServerRenderMode();
            components.Add(endpoint =>
            {
                if (endpoint.Metadata.OfType<ComponentTypeMetadata>().FirstOrDefault()?.Type == typeof(Home))
                {
                    endpoint.Metadata.Add(new RequireTlsUpgradeAttribute());
                }
            });
        });
        Assert.Equal(426, await NegotiateAsync(server));
    }

    [Fact]
    public async Task CircuitWithMetadataOfItsOwn_GoesByThat()
    {
        await using var server = await StartAsync(map: app => app.MapBlazorHub().WithMetadata(new RequireTlsUpgradeAttribute { Required = false }));
        Assert.Equal(200, await NegotiateAsync(server));
    }

    [Fact]
    public async Task NothingAdded_Circuit_FailsAndNamesTheCall()
    {
        await using var server = await UpgradeServer.StartAsync(
            (WebApplicationBuilder builder) =>
            {
                AddServices(builder.Services, HttpTransportType.WebSockets);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
            },
            app =>
            {
                app.UseAntiforgery();
                app.MapRazorComponents<Shell>().AddAdditionalAssemblies(typeof(Secret).Assembly).AddInteractiveServerRenderMode();
            });
        server.IsExpected = line => line.Exception is InvalidOperationException;
        Assert.Equal(500, await NegotiateAsync(server));
        var line = await server.Log.WaitForAsync(line => line.Exception is InvalidOperationException);
        Assert.Contains("builder.Services.AddTlsUpgrade()", line.Exception!.Message);
    }

    private static async Task<int> NegotiateAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Negotiation);
        return (await connection.ReadResponseAsync()).Status;
    }

    private static Task<UpgradeServer> StartAsync(
        ApplicationAssemblies? assemblies = null,
        HttpTransportType transport = HttpTransportType.WebSockets,
        Action<WebApplication>? map = null) =>
        UpgradeServer.StartAsync(
            (WebApplicationBuilder builder) =>
            {
                builder.Services.AddSingleton(assemblies ?? ApplicationAssemblies.InProcess);
                AddServices(builder.Services, transport);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            },
            app =>
            {
                app.UseWebSockets();
                app.UseAntiforgery();
                app.MapGet("/_framework/blazor.web.js", () => Results.File(Path.Combine(AppContext.BaseDirectory, "blazor.web.js"), "text/javascript"));
                (map ?? MapShell)(app);
            });

    /// <summary>Frames are not compressed: what is in them can be looked for.</summary>
    private static void MapShell(WebApplication app) =>
        app.MapRazorComponents<Shell>().AddInteractiveServerRenderMode(options => options.DisableWebSocketCompression = true);

    private static void AddServices(IServiceCollection services, HttpTransportType transport)
    {
        services.AddSingleton(new ShellOptions(transport));
        services.AddSingleton<HandlerCalls>();
        services.AddRazorComponents().AddInteractiveServerComponents();
    }

    private static async Task<string?> EvaluateAsync(ChromiumPage page, string expression) => (await page.EvaluateAsync(expression))?.ToString();
}
