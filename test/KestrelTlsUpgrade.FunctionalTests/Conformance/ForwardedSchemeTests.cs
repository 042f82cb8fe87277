using System.Net;
using System.Net.Sockets;
using KestrelTlsUpgrade.FunctionalTests.Combinations;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>
/// Whose X-Forwarded-Proto lets a request in clear text past routing: that of a known proxy, and only if the header says https as ASP.NET
/// Core reads it.
/// </summary>
public sealed class ForwardedSchemeTests
{
    private const string Stranger = "192.0.2.7";

    /// <summary>An application that knows no proxy, and does not call UseForwardedHeaders().</summary>
    [Theory]
    [InlineData(Stranger, "https")]
    [InlineData(Stranger, "HTTPS")]
    [InlineData(Stranger, "https, http")]
    [InlineData(Stranger, "https, https")]
    [InlineData(Stranger, "nothttps")]
    [InlineData("2001:db8::7", "https")]
    [InlineData("::ffff:192.0.2.7", "https")]
    [InlineData("127.0.0.1", "https, http")]
    [InlineData("127.0.0.1", "nothttps")]
    [InlineData("::1", "http")]
    public async Task Header_ThatNobodyKnownHasSent_RefusedAtRouting(string peer, string value)
    {
        var asked = new Counter();
        await using var server = await StartAsync(asked, peer);
        var statuses = new[] { await AskAsync(server, value), await AskAsync(server, value, "/form", "POST") };
        Assert.Equal(0, asked.Value);
        Assert.Equal([403, 403], statuses);
    }

    /// <summary>
    /// The application has not called UseForwardedHeaders() yet where it routes, so the requirement is checked again at the endpoint.
    /// </summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.99")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task HeaderOfKnownProxy_CheckedAtTheEndpoint(string peer)
    {
        var asked = new Counter();
        await using var server = await StartAsync(asked, peer, before: UseForwardedHeaders);
        Assert.Equal(200, await AskAsync(server, "https"));
        Assert.Equal(1, asked.Value);
    }

    [Fact]
    public async Task HeaderOfKnownProxy_NeverApplied_Refused()
    {
        await using var server = await StartAsync(new(), "127.0.0.1");
        Assert.Equal(403, await AskAsync(server, "https"));
    }

    [Theory]
    [InlineData(Stranger, 200)]
    [InlineData("::ffff:192.0.2.7", 200)]
    [InlineData("192.0.2.8", 403)]
    [InlineData("127.0.0.1", 403)]
    public async Task ConfiguredProxy_CountsInsteadOfLoopback(string peer, int status)
    {
        var asked = new Counter();
        await using var server = await StartAsync(
            asked,
            peer,
            services => services.Configure<ForwardedHeadersOptions>(options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                options.KnownProxies.Clear();
                options.KnownIPNetworks.Clear();
                options.KnownProxies.Add(IPAddress.Parse(Stranger));
            }),
            app => app.UseForwardedHeaders());
        Assert.Equal(status, await AskAsync(server, "https"));
        Assert.Equal(status == 200 ? 1 : 0, asked.Value);
    }

    [Theory]
    [InlineData("192.0.2.8", 200)]
    [InlineData("198.51.100.1", 403)]
    public async Task ConfiguredNetwork_Counts(string peer, int status)
    {
        await using var server = await StartAsync(
            new(),
            peer,
            services => services.Configure<ForwardedHeadersOptions>(options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.XForwardedProto;
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse("192.0.2.0/24"));
            }),
            app => app.UseForwardedHeaders());
        Assert.Equal(status, await AskAsync(server, "https"));
    }

    /// <summary>The header is read as the application's options say: its name, how many proxies count, and whether it counts at all.</summary>
    [Theory]
    [InlineData("X-Forwarded-Proto: https\r\n", 403)]
    [InlineData("X-Scheme: https\r\n", 426)]
    [InlineData("X-Scheme: http\r\nX-Forwarded-For: 10.0.0.1\r\n", 403)]
    [InlineData("X-Scheme: https\r\nX-Forwarded-For: 10.0.0.1\r\n", 200)]
    [InlineData("X-Scheme: https, http\r\nX-Forwarded-For: 10.0.0.1, 127.0.0.1\r\n", 200)]
    [InlineData("X-Scheme: https, http\r\nX-Forwarded-For: 10.0.0.1, 192.0.2.7\r\n", 403)]
    [InlineData("X-Scheme: https, http, http\r\nX-Forwarded-For: 10.0.0.1, 127.0.0.1, 127.0.0.1\r\n", 403)]
    public async Task ConfiguredOptions_DecideHowItIsRead(string fields, int status)
    {
        var asked = new Counter();
        await using var server = await StartAsync(
            asked,
            "127.0.0.1",
            services => services.Configure<ForwardedHeadersOptions>(options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                options.ForwardedProtoHeaderName = "X-Scheme";
                options.ForwardLimit = 2;
                options.RequireHeaderSymmetry = true;
            }),
            app => app.UseForwardedHeaders());
        Assert.Equal(status, await AskWithAsync(server, fields));
        Assert.Equal(status == 200 ? 1 : 0, asked.Value);
    }

    /// <summary>What the middleware leaves of the header, and the address that it puts in place of the proxy's, decide nothing.</summary>
    [Theory]
    [InlineData("X-Forwarded-Proto: https, http\r\n", 403)]
    [InlineData("X-Forwarded-Proto: https, http\r\nX-Forwarded-For: 127.0.0.1\r\n", 403)]
    [InlineData("X-Forwarded-Proto: https\r\nX-Forwarded-For: 198.51.100.1\r\n", 200)]
    public async Task RoutingBehindForwardedHeaders_JudgesTheConnection(string fields, int status)
    {
        var asked = new Counter();
        await using var server = await StartAsync(asked, "127.0.0.1", before: app =>
        {
            UseForwardedHeaders(app);
            app.UseRouting();
            app.UseAuthentication();
            app.UseAuthorization();
        });
        Assert.Equal(status, await AskWithAsync(server, fields));
        Assert.Equal(status == 200 ? 1 : 0, asked.Value);
    }

    /// <summary>Options passed in code cannot be seen. Routing behind UseForwardedHeaders() needs none of them.</summary>
    [Theory]
    [InlineData(false, 403)]
    [InlineData(true, 200)]
    public async Task ProxyNamedInCode_NeedsRoutingBehindIt(bool routesBehind, int status)
    {
        await using var server = await StartAsync(new(), Stranger, before: app =>
        {
            var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedProto };
            options.KnownProxies.Add(IPAddress.Parse(Stranger));
            app.UseForwardedHeaders(options);
            if (routesBehind)
            {
                app.UseRouting();
                app.UseAuthentication();
                app.UseAuthorization();
            }
        });
        Assert.Equal(status, await AskAsync(server, "https"));
        var lines = server.Log.Lines.Where(line => line.Id.Name == "ForwardedSchemeNotApplied").ToArray();
        if (routesBehind)
        {
            Assert.Empty(lines);
            return;
        }

        var line = Assert.Single(lines);
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains("Configure<ForwardedHeadersOptions>", line.Message);
        Assert.Contains("UseRouting()", line.Message);
    }

    [Fact]
    public async Task LineAboutTheHeader_IsLimitedForEachCaller()
    {
        await using var server = await StartAsync(new(), Stranger);
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(403, await AskAsync(server, "https"));
        }

        Assert.Equal(10, server.Log.Lines.Count(line => line.Id.Name == "ForwardedSchemeNotApplied"));
    }

    /// <summary>A proxy on a Unix socket has no address, and nobody else can connect to it.</summary>
    [Theory]
    [InlineData(true, 200)]
    [InlineData(false, 403)]
    public async Task UnixSocket_Counts(bool isApplied, int status)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await UpgradeServer.StartAsync(
            configure: builder =>
            {
                builder.Services.AddTlsUpgrade();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(
                    path, listen => listen.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server)));
            },
            app: app =>
            {
                if (isApplied)
                {
                    UseForwardedHeaders(app);
                }

                app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
            });
        await using var connection = await RawConnection.OpenAsync(new UnixDomainSocketEndPoint(path));
        await connection.SendAsync("GET /secret HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n");
        Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>
    /// WebApplication puts authentication first if the application calls UseRouting() and not UseAuthentication(). That cannot be changed
    /// from here, so the log says it.
    /// </summary>
    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task AuthenticationInFrontOfRouting_IsReported(bool callsAuthentication, int expected)
    {
        var asked = new Counter();
        await using var server = await StartAsync(asked, Stranger, before: app =>
        {
            app.UseRouting();
            if (callsAuthentication)
            {
                app.UseAuthentication();
                app.UseAuthorization();
            }
        });
        Assert.Equal(403, await AskAsync(server, "https"));
        Assert.Equal(403, await AskAsync(server, "https"));
        Assert.Equal(2 * expected, asked.Value);
        Assert.Equal(expected, server.Log.Lines.Count(line => line.Id.Name == "AuthenticationBeforeRouting" && line.Level is LogLevel.Warning));
    }

    [Theory]
    [InlineData("nothing", true, null)]
    [InlineData("empty lists", true, "AnyProxyKnown")]
    [InlineData("empty lists", false, null)]
    [InlineData("a network of all addresses", true, "AnyProxyKnown")]
    [InlineData("AllowAlternateSchemes", true, "AlternateSchemesAllowed")]
    [InlineData("AllowAlternateSchemes", false, null)]
    public async Task SchemeThatAnyClientCanSet_WarnedOfAtStart(string setting, bool isRequired, string? expected)
    {
        foreach (var isMiddleware in new[] { false, true })
        {
            await using var server = await UpgradeServer.StartAsync(
                server: kestrel => kestrel.AllowAlternateSchemes = setting is "AllowAlternateSchemes",
                services: services => services.Configure<ForwardedHeadersOptions>(options =>
                {
                    if (setting is "nothing" or "AllowAlternateSchemes")
                    {
                        return;
                    }

                    options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
                    if (setting is "a network of all addresses")
                    {
                        options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse("0.0.0.0/0"));
                        return;
                    }

                    options.KnownIPNetworks.Clear();
                    options.KnownProxies.Clear();
                }),
                app: app =>
                {
                    if (isRequired && isMiddleware)
                    {
                        app.RequireTlsUpgrade();
                    }

                    var endpoint = app.MapGet("/secret", () => "secret");
                    if (isRequired && !isMiddleware)
                    {
                        endpoint.RequireTlsUpgrade();
                    }
                });
            var warnings = server.Log.Lines.Where(line => line.Category.EndsWith("ClientSchemeCheck", StringComparison.Ordinal)).ToArray();
            Assert.Equal(expected is null ? [] : [expected], warnings.Select(line => line.Id.Name));
            Assert.All(warnings, line => Assert.Equal(LogLevel.Warning, line.Level));
        }
    }

    /// <summary>The variable itself, read by the builder that applications use.</summary>
    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task Variable_OfTheHost_WarnedOfAtStart(string value, bool isWarned)
    {
        var log = new LogCollector();
        var builder = WebApplication.CreateBuilder([$"--ForwardedHeaders_Enabled={value}", "--urls=http://127.0.0.1:0"]);
        builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
        builder.Logging.ClearProviders().AddProvider(log);
        await using var app = builder.Build();
        app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(isWarned, log.Lines.Any(line => line.Id.Name == "AnyProxyKnown"));
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    private static void UseForwardedHeaders(WebApplication app) =>
        app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto });

    private static async Task<int> AskAsync(UpgradeServer server, string value, string target = "/secret", string method = "GET")
    {
        const string Content = "name=value";
        var content = method is "POST"
            ? $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {Content.Length}\r\n\r\n{Content}"
            : "\r\n";
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(
            $"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Counting x\r\nX-Forwarded-Proto: {value}\r\n{content}");
        return (await connection.ReadResponseAsync()).Status;
    }

    private static async Task<int> AskWithAsync(UpgradeServer server, string fields)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret HTTP/1.1\r\nHost: localhost\r\nAuthorization: Counting x\r\n{fields}\r\n");
        return (await connection.ReadResponseAsync()).Status;
    }

    /// <param name="asked">Counts how often authentication has looked at a request.</param>
    /// <param name="peer">The address that requests come from.</param>
    /// <param name="services">Further services.</param>
    /// <param name="before">What the application adds first.</param>
    private static Task<UpgradeServer> StartAsync(
        Counter asked, string peer, Action<IServiceCollection>? services = null, Action<WebApplication>? before = null) =>
        UpgradeServer.StartAsync(
            endpoint: listen => listen.Use(next => connection =>
            {
                connection.RemoteEndPoint = new IPEndPoint(IPAddress.Parse(peer), 12345);
                return next(connection);
            }),
            services: collection =>
            {
                collection.AddSingleton(asked);
                collection.AddAntiforgery();
                collection.AddAuthorization();
                collection.AddAuthentication(CountingAuthenticationHandler.SchemeName)
                    .AddScheme<AuthenticationSchemeOptions, CountingAuthenticationHandler>(CountingAuthenticationHandler.SchemeName, null);
                services?.Invoke(collection);
            },
            app: app =>
            {
                before?.Invoke(app);
                app.UseAntiforgery();
                app.MapGet("/secret", () => "secret").RequireAuthorization().RequireTlsUpgrade();
                app.MapPost("/form", ([FromForm] string name) => name).RequireTlsUpgrade();
            });
}
