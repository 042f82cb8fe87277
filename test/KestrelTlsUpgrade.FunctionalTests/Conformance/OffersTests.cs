using System.Net;
using KestrelTlsUpgrade.FunctionalTests.Observation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Which offers are accepted. Each for a first and for a later request of a connection.</summary>
public sealed class OffersTests
{
    public static TheoryData<TlsUpgradeOffers, string, string, int> Answers { get; } = new()
    {
        { TlsUpgradeOffers.None, "GET", "/x", 200 },
        { TlsUpgradeOffers.None, "OPTIONS", "*", 200 },
        { TlsUpgradeOffers.None, "GET", "/required", 403 },
        { TlsUpgradeOffers.WhereRequired, "GET", "/x", 200 },
        { TlsUpgradeOffers.WhereRequired, "HEAD", "/x", 200 },
        { TlsUpgradeOffers.WhereRequired, "OPTIONS", "/x", 200 },
        { TlsUpgradeOffers.WhereRequired, "OPTIONS", "*", 101 },
        { TlsUpgradeOffers.WhereRequired, "GET", "/required", 101 },
        { TlsUpgradeOffers.WhereRequired, "HEAD", "/required", 101 },
        { TlsUpgradeOffers.WhereRequired, "OPTIONS", "/required", 101 },
        { TlsUpgradeOffers.All, "GET", "/x", 101 },
        { TlsUpgradeOffers.All, "OPTIONS", "*", 101 },
        { TlsUpgradeOffers.All, "GET", "/required", 101 },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Offer_IsAcceptedByTheSetting(TlsUpgradeOffers offers, string method, string target, int status)
    {
        foreach (var later in new[] { false, true })
        {
            await using var server = await UpgradeServer.StartAsync(options => options.Offers = offers, app: Map);
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(method, target));
            var response = await connection.ReadResponseAsync(toHead: method == "HEAD");
            Assert.Equal(status, response.Status);
            if (status == 101)
            {
                await connection.StartTlsAsync();
                Assert.Equal(200, (await connection.ReadResponseAsync(toHead: method == "HEAD")).Status);
            }
            else
            {
                Assert.Null(response["Upgrade"]);
            }

            // The connection goes on as it is.
            await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Contains($"state={(status == 101 ? "Upgraded" : "Plaintext")}", (await connection.ReadResponseAsync()).Content);
        }
    }

    /// <summary>The way to the resource: a declined offer, a refusal, an accepted offer, on one connection.</summary>
    [Fact]
    public async Task WhereRequired_OffersOnOneConnection_AreJudgedOneByOne()
    {
        await using var server = await UpgradeServer.StartAsync(static options => options.Offers = TlsUpgradeOffers.WhereRequired, app: Map);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /required HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var refusal = await connection.ReadResponseAsync();
        Assert.Equal(426, refusal.Status);
        Assert.Contains("Repeat the request with the fields Upgrade: TLS/1.3 and Connection: Upgrade", refusal.Content);
        await connection.UpgradeAsync(Request(target: "/required?q=1", fields: "X-Kept: yes\r\n"));
        Assert.Equal("/required?q=1 replayed=True kept=yes added=", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>A 101 travels in clear text, and so must nothing that the application has added in front of routing.</summary>
    [Fact]
    public async Task WhereRequired_MiddlewareInFrontOfRouting_AddsNothingToThe101OrTheReplay()
    {
        await using var server = await StartWhereRequiredAsync(static (context, next) =>
        {
            if (context.Request.IsHttps)
            {
                return next(context);
            }

            context.Request.Headers["X-Added"] = "secret";
            context.Request.Headers.Remove("X-Kept");
            context.Response.Cookies.Append("session", "secret");
            context.Response.Headers.ContentLength = 4;
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["X-Late"] = "secret";
                return Task.CompletedTask;
            });
            return next(context);
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(target: "/required", fields: "X-Kept: yes\r\n"));
        var switching = await connection.ReadResponseAsync();
        Assert.Equal(101, switching.Status);
        Assert.Equal("TLS/1.2, HTTP/1.1", switching["Upgrade"]);
        Assert.Equal(["Connection", "Date", "Server", "Upgrade"], switching.Fields.Select(static field => field.Name).Order());
        await connection.StartTlsAsync();
        Assert.Equal("/required replayed=True kept=yes added=", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task WhereRequired_ApplicationRequiresTls_UpgradesEverywhere()
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.Offers = TlsUpgradeOffers.WhereRequired,
            app: static app =>
            {
                app.RequireTlsUpgrade();
                UpgradeServer.Describe(app);
            });
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync();
        Assert.Contains("GET /x scheme=https state=Upgraded", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>A response that has begun cannot become a 101, and the connection stays what it is.</summary>
    [Fact]
    public async Task WhereRequired_ResponseHasBegunInFrontOfRouting_IsNotSwitched()
    {
        await using var server = await StartWhereRequiredAsync(static async (context, next) =>
        {
            await context.Response.WriteAsync("begun");
            await next(context);
        });
        server.IsExpected = static line => line.Exception is InvalidOperationException;
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(target: "/required"));
        Assert.StartsWith("HTTP/1.1 200 OK", await connection.ReadHeadAsync());
        Assert.DoesNotContain("101", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task WhereRequired_ApplicationFailsAsThe101Starts_IsItsErrorAndNoSwitch()
    {
        await using var server = await StartWhereRequiredAsync(static (context, next) =>
        {
            context.Response.OnStarting(static () => throw new InvalidTimeZoneException());
            return next(context);
        });
        server.IsExpected = static line => line.Exception is InvalidTimeZoneException or ObjectDisposedException;
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(target: "/required"));
        Assert.Equal(500, (await connection.ReadResponseAsync()).Status);
        connection.Shutdown();
        Assert.Equal(["tls_upgrade.outcome=plaintext"], await connections.WaitForAsync(1));
    }

    [Fact]
    public async Task WhereRequired_LimitOfUpgradesReached_RefusesAsWithoutAnOffer()
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.Offers = TlsUpgradeOffers.WhereRequired,
            server: static options => options.Limits.MaxConcurrentUpgradedConnections = 0,
            app: Map);
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(target: "/required"));
        var refusal = await connection.ReadResponseAsync();
        Assert.Equal(426, refusal.Status);
        Assert.StartsWith("TLS/1.3", refusal["Upgrade"]);
        await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
        connection.Shutdown();
        Assert.Equal(["tls_upgrade.outcome=plaintext"], await connections.WaitForAsync(1));
    }

    [Theory]
    [InlineData(TlsUpgradeOffers.None, false)]
    [InlineData(TlsUpgradeOffers.WhereRequired, true)]
    [InlineData(TlsUpgradeOffers.All, true)]
    public async Task Advertisement_OnlyOfWhatIsAccepted(TlsUpgradeOffers offers, bool isAdvertised)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => (options.Offers, options.Advertise) = (offers, TlsUpgradeAdvertisement.EveryResponse),
            app: static app =>
            {
                app.RequireTlsUpgrade();
                UpgradeServer.Describe(app);
            });
        await using var connection = await server.ConnectAsync();
        foreach (var request in new[] { "OPTIONS *", "GET /x" })
        {
            await connection.SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(isAdvertised, (await connection.ReadResponseAsync())["Upgrade"] is not null);
        }
    }

    /// <summary>Http and https on one port, without an upgrade, by the settings that the README names.</summary>
    [Fact]
    public async Task None_DirectTlsAny_ServesBothAndUpgradesAndWarnsOfNothing()
    {
        await using var server = await UpgradeServer.StartAsync(
            static builder =>
            {
                builder.Configuration["TlsUpgrade:Offers"] = "None";
                builder.Configuration["TlsUpgrade:DirectTls"] = "Any";
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            },
            Map);
        Assert.DoesNotContain(server.Log.Lines, static line => line.Level >= LogLevel.Warning);

        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
        });
        Assert.Equal("http 1.1", await GetAsync(client, "http", HttpVersion.Version11));
        Assert.Equal("https 1.1", await GetAsync(client, "https", HttpVersion.Version11));
        Assert.Equal("https 2.0", await GetAsync(client, "https", HttpVersion.Version20));

        foreach (var token in new[] { "TLS/1.2", HintedToken })
        {
            foreach (var later in new[] { false, true })
            {
                await using var plaintext = await server.ConnectAsync().AfterAsync(later);
                await plaintext.SendAsync(Request(token: token));
                var response = await plaintext.ReadResponseAsync();
                Assert.Equal((200, null), (response.Status, response["Upgrade"]));
                Assert.Contains("state=Plaintext", response.Content);
            }
        }

        await using var direct = await server.ConnectAsync();
        await direct.StartTlsAsync();
        await direct.SendAsync("GET /required HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await direct.ReadResponseAsync()).Status);
        Assert.Contains($"Use https://localhost:{server.Port}/required instead.", await AskForRequiredAsync(server));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Level >= LogLevel.Warning);

        async Task<string> GetAsync(HttpClient client, string scheme, Version version)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://localhost:{server.Port}/x")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Contains($"scheme={scheme} ", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return $"{scheme} {response.Version}";
        }
    }

    [Theory]
    [InlineData("127.0.0.1", "CUPS/2.4.2", true)]
    [InlineData("127.0.0.1", "curl/8", false)]
    [InlineData("127.0.0.1", null, false)]
    [InlineData("127.0.0.2", "CUPS/2.4.2", false)]
    public async Task OffersFrom_WhoIsNotListed_IsServedInClearText(string from, string? product, bool isAccepted)
    {
        foreach (var later in new[] { false, true })
        {
            await using var server = await UpgradeServer.StartAsync(static options =>
            {
                options.OffersFrom.ExceptNetworks.Add(new(IPAddress.Parse("127.0.0.2"), 32));
                options.OffersFrom.Products.Add("CUPS");
            });
            await using var connection = await RawConnection.OpenAsync(server.EndPoint, IPAddress.Parse(from));
            if (later)
            {
                await connection.SendAsync("GET /before HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }

            await connection.SendAsync(Request(fields: product is null ? "" : $"User-Agent: {product}\r\n"));
            Assert.Equal(isAccepted ? 101 : 200, (await connection.ReadResponseAsync()).Status);
        }
    }

    /// <summary>The code sees only offers that the settings allow, with the request as it came.</summary>
    [Theory]
    [InlineData(TlsUpgradeOffers.All, "/x", "yes", 101)]
    [InlineData(TlsUpgradeOffers.All, "/x", "no", 200)]
    [InlineData(TlsUpgradeOffers.All, "/required", "no", 426)]
    [InlineData(TlsUpgradeOffers.WhereRequired, "/x", "yes", 200)]
    [InlineData(TlsUpgradeOffers.WhereRequired, "/required", "yes", 101)]
    [InlineData(TlsUpgradeOffers.WhereRequired, "/required", "no", 426)]
    [InlineData(TlsUpgradeOffers.None, "/x", null, 200)]
    public async Task AcceptOffer_CodeDecides(TlsUpgradeOffers offers, string target, string? answer, int status)
    {
        foreach (var later in new[] { false, true })
        {
            var seen = new List<string>();
            await using var server = await UpgradeServer.StartAsync(
                options =>
                {
                    options.Offers = offers;
                    options.AcceptOffer = async context =>
                    {
                        await Task.Yield();
                        seen.Add($"{context.HttpContext.Request.Path} {context.Token} {context.IsAwareClient} {((IPEndPoint)context.Caller!).Address}");
                        return context.HttpContext.Request.Headers["X-Answer"] == "yes";
                    };
                },
                app: Map);
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(target: target, token: HintedToken, fields: $"X-Answer: {answer}\r\n"));
            var response = await connection.ReadResponseAsync();
            Assert.Equal(status, response.Status);
            Assert.Equal(answer is null ? [] : [$"{target} TLS/1.2 True 127.0.0.1"], seen);
            if (status == 101)
            {
                await connection.StartTlsAsync();
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }
        }
    }

    [Fact]
    public async Task AcceptOffer_Throws_TheRequestFailsAndTheConnectionGoesOn()
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.AcceptOffer = static _ => throw new InvalidTimeZoneException());
        server.IsExpected = static line => line.Exception is InvalidTimeZoneException;
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Equal(500, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
    }

    private static Task<UpgradeServer> StartWhereRequiredAsync(Func<HttpContext, RequestDelegate, Task> inFrontOfRouting) => UpgradeServer.StartAsync(
        static options => options.Offers = TlsUpgradeOffers.WhereRequired,
        app: app =>
        {
            app.Use(inFrontOfRouting);
            app.UseRouting();
            Map(app);
        });

    private static async Task<string> AskForRequiredAsync(UpgradeServer server)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /required HTTP/1.1\r\nHost: localhost:{server.Port}\r\n\r\n");
        var refusal = await connection.ReadResponseAsync();
        Assert.Equal(403, refusal.Status);
        return refusal.Content;
    }

    private static void Map(WebApplication app)
    {
        app.Map("/required", static (HttpContext context) =>
            $"{context.Request.Path}{context.Request.QueryString} replayed={context.Features.Get<ITlsUpgradeFeature>()?.IsReplayedRequest} "
            + $"kept={context.Request.Headers["X-Kept"]} added={context.Request.Headers["X-Added"]}").RequireTlsUpgrade();
        app.MapFallback(UpgradeServer.DescribeAsync);
    }
}
