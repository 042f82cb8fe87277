using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-06, S-27 and S-35: which responses advertise the upgrade, and which never do.</summary>
public sealed class AdvertiseTests
{
    private const string Tokens = "TLS/1.3, TLS/1.2, HTTP/1.1";

    [Theory]
    [InlineData(TlsUpgradeAdvertisement.Never, new[] { false, false, false })]
    [InlineData(TlsUpgradeAdvertisement.OncePerConnection, new[] { true, false, false })]
    [InlineData(TlsUpgradeAdvertisement.EveryResponse, new[] { true, true, true })]
    public async Task S27_Responses_AdvertiseAsSet(TlsUpgradeAdvertisement advertise, bool[] isAdvertised)
    {
        await using var server = await StartAsync(advertise);
        foreach (var _ in new int[2])
        {
            await using var connection = await server.ConnectAsync();
            foreach (var isExpected in isAdvertised)
            {
                var response = await AskAsync(connection);
                Assert.Equal(200, response.Status);
                Assert.Equal(isExpected ? Tokens : null, response["Upgrade"]);
                Assert.Equal(isExpected ? "Upgrade, keep-alive" : null, response["Connection"]);
            }

            await connection.UpgradeAsync(Request(target: "/"));
            Assert.Null((await connection.ReadResponseAsync())["Upgrade"]);
        }
    }

    /// <summary>The client speaks TLS to a proxy, whose fields are used up by then: there is nothing to offer it.</summary>
    [Theory]
    [InlineData("https", true, null)]
    [InlineData("http", true, Tokens)]
    [InlineData("http", false, null)]
    public async Task SchemeFromForwardedHeaders_OfTls_NotAdvertised(string scheme, bool isAllowed, string? expected)
    {
        await using var server = await UpgradeServer.StartAsync(
            options =>
            {
                options.Advertise = TlsUpgradeAdvertisement.EveryResponse;
                options.AllowBehindProxy = isAllowed;
            },
            services: static services => services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, TrustingFilter>()));
        await using var connection = await server.ConnectAsync();
        var response = await AskAsync(connection, "/", $"X-Forwarded-Proto: {scheme}\r\nX-Forwarded-For: 192.0.2.1\r\n");
        Assert.Equal(200, response.Status);
        Assert.Equal(expected, response["Upgrade"]);
    }

    /// <summary>
    /// What stands in front of ours, as with ASPNETCORE_FORWARDEDHEADERS_ENABLED, takes the proxy's fields away. It leaves
    /// <c>X-Original-*</c> behind.
    /// </summary>
    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1")]
    [InlineData("X-Forwarded-Proto: http")]
    public async Task A16_FieldsUsedUpByForwardedHeaders_OfferIsDeclinedAllTheSame(string field)
    {
        await using var server = await UpgradeServer.StartAsync(
            services: static services => services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, TrustingFilter>()));
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(fields: $"{field}\r\n"));
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Theory]
    [InlineData("/", "Connection: close\r\n", "Upgrade, close")]
    [InlineData("/close", "", "Upgrade, close")]
    [InlineData("/keep", "", "Upgrade, keep-alive")]
    [InlineData("/missing", "", "Upgrade, keep-alive")]
    [InlineData("/", "Upgrade: h2c\r\nConnection: Upgrade\r\n", "Upgrade, keep-alive")]
    public async Task S06_ConnectionField_KeepsWhatItHas(string target, string fields, string expected)
    {
        await using var server = await StartAsync(TlsUpgradeAdvertisement.EveryResponse);
        await using var connection = await server.ConnectAsync();
        var response = await AskAsync(connection, target, fields);
        Assert.Equal(Tokens, response["Upgrade"]);
        Assert.Equal(expected, response["Connection"]);
        if (expected.EndsWith("close", StringComparison.Ordinal))
        {
            Assert.Empty(await connection.ReadToEndAsync());
        }
        else
        {
            Assert.Equal(200, (await AskAsync(connection)).Status);
        }
    }

    [Theory]
    [InlineData("HTTP/1.0", "", "/")]
    [InlineData("HTTP/1.0", "Connection: keep-alive\r\n", "/")]
    [InlineData("HTTP/1.1", "X-Forwarded-For: 10.0.0.1\r\n", "/")]
    [InlineData("HTTP/1.1", "Upgrade: websocket\r\nConnection: Upgrade\r\n", "/own")]
    public async Task S27_ResponsesThatMustNot_DoNot(string version, string fields, string target)
    {
        await using var server = await StartAsync(TlsUpgradeAdvertisement.EveryResponse);
        await using var connection = await server.ConnectAsync();
        var response = await AskAsync(connection, target, fields, version);
        Assert.DoesNotContain("TLS", response["Upgrade"] ?? "");
    }

    [Fact]
    public async Task S27_BehindAllowedProxy_Advertises()
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.Advertise = TlsUpgradeAdvertisement.EveryResponse;
            options.AllowBehindProxy = true;
        });
        await using var connection = await server.ConnectAsync();
        Assert.Equal(Tokens, (await AskAsync(connection, fields: "X-Forwarded-For: 10.0.0.1\r\n"))["Upgrade"]);
    }

    [Fact]
    public async Task S34_S35_OverTls_NotAdvertised()
    {
        await using var server = await StartAsync(TlsUpgradeAdvertisement.EveryResponse);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(handler);
        foreach (var version in new[] { System.Net.HttpVersion.Version11, System.Net.HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://localhost:{server.Port}/")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(version, response.Version);
            Assert.Empty(response.Headers.Upgrade);
            Assert.Empty(response.Headers.Connection);
        }
    }

    /// <summary>A 426 tells it, and the first other response still does.</summary>
    [Fact]
    public async Task S27_AfterUpgradeRequired_AdvertisedOnce()
    {
        await using var server = await StartAsync(TlsUpgradeAdvertisement.OncePerConnection);
        await using var connection = await server.ConnectAsync();
        var refusal = await AskAsync(connection, "/secret");
        Assert.Equal(426, refusal.Status);
        Assert.Equal(Tokens, refusal["Upgrade"]);
        Assert.Equal("keep-alive, Upgrade", refusal["Connection"]);
        Assert.Equal(Tokens, (await AskAsync(connection))["Upgrade"]);
        Assert.Null((await AskAsync(connection))["Upgrade"]);
    }

    private static async Task<RawResponse> AskAsync(
        RawConnection connection, string target = "/", string fields = "", string version = "HTTP/1.1")
    {
        await connection.SendAsync($"GET {target} {version}\r\nHost: localhost\r\n{fields}\r\n");
        return await connection.ReadResponseAsync();
    }

    private static Task<UpgradeServer> StartAsync(TlsUpgradeAdvertisement advertise) => UpgradeServer.StartAsync(
        options =>
        {
            options.Advertise = advertise;
            options.DirectTls = DirectTlsMode.Any;
        },
        app: app =>
        {
            app.MapGet("/", () => "open");
            app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
            app.MapGet("/close", (HttpContext context) => context.Response.Headers.Connection = "close");
            app.MapGet("/keep", (HttpContext context) => context.Response.Headers.Connection = "keep-alive");
            app.MapGet("/own", async (HttpContext context) =>
            {
                context.Response.Headers.Upgrade = "own/1";
                await context.Response.WriteAsync("own");
            });
        });
}
