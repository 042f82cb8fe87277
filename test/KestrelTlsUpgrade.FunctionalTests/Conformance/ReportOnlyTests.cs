using System.Net;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.FunctionalTests.Observation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>A requirement that is only reported: requests that it would refuse are served and counted.</summary>
public sealed class ReportOnlyTests
{
    private const string Metric = "tls_upgrade.server.tolerated";

    [Fact]
    public async Task Endpoint_PlaintextRequest_IsServedCountedAndToldOfTheUpgrade()
    {
        await using var server = await StartAsync(TlsUpgradeRequirement.ReportOnly);
        using var tolerated = new Measurements<long>(server, Metric);
        using var refused = new Measurements<long>(server, "tls_upgrade.server.refusals");
        await using var connection = await server.ConnectAsync();
        var response = await AskAsync(connection, "/by-setting/7");
        Assert.Equal((200, "by setting"), (response.Status, response.Content));
        Assert.Equal("TLS/1.3, TLS/1.2, HTTP/1.1", response["Upgrade"]);
        Assert.Equal("Upgrade, keep-alive", response["Connection"]);
        Assert.Null((await AskAsync(connection, "/open"))["Upgrade"]);
        Assert.Equal(["http.route=/by-setting/{id}"], await tolerated.WaitForAsync(1));
        Assert.Contains("'/by-setting/{id}' requires TLS", Assert.Single(server.Log.Lines, IsReported).Message);

        // Over TLS there is nothing to report.
        await connection.UpgradeAsync(Request(target: "/by-setting/7"));
        Assert.Equal("by setting", (await connection.ReadResponseAsync()).Content);
        Assert.Single(tolerated.All);
        Assert.Empty(refused.All);
    }

    /// <summary>What stands nearest to the resource decides.</summary>
    [Theory]
    [InlineData(TlsUpgradeRequirement.Enforce, "/by-setting/7", 426)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/looked-at", 200)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/enforced", 426)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/attribute", 200)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/group/enforced", 426)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/group/looked-at", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/by-setting/7", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/looked-at", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/enforced", 426)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/attribute", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/group/enforced", 426)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/group/looked-at", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/branch", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/branch-enforced", 426)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/branch-looked-at", 200)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/branch", 426)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/branch-enforced", 426)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/branch-looked-at", 200)]
    public async Task Resource_ByItsMetadataAndThenTheSettings(TlsUpgradeRequirement setting, string path, int status)
    {
        await using var server = await StartAsync(setting);
        using var tolerated = new Measurements<long>(server, Metric);
        await using var connection = await server.ConnectAsync();
        Assert.Equal(status, (await AskAsync(connection, path)).Status);
        Assert.Equal(status == 200 ? 1 : 0, tolerated.All.Count);
    }

    /// <summary>An endpoint that has been selected says more of its resource than the middleware behind which it is.</summary>
    [Theory]
    [InlineData(TlsUpgradeRequirement.Enforce, "/by-setting/7", 426)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/looked-at", 200)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/exempt", 200)]
    [InlineData(TlsUpgradeRequirement.Enforce, "/open", 426)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/by-setting/7", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/enforced", 426)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/exempt", 200)]
    [InlineData(TlsUpgradeRequirement.ReportOnly, "/open", 200)]
    public async Task Middleware_BehindRouting_EndpointsMetadataDecidesFirst(TlsUpgradeRequirement requirement, string path, int status)
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.Requirement = TlsUpgradeRequirement.ReportOnly,
            app: app =>
            {
                app.UseRouting();
                app.RequireTlsUpgrade(requirement);
                Map(app);
            });
        using var tolerated = new Measurements<long>(server, Metric);
        await using var connection = await server.ConnectAsync();
        Assert.Equal(status, (await AskAsync(connection, path)).Status);
        Assert.Equal(status == 200 && path != "/exempt" ? 1 : 0, tolerated.All.Count);
    }

    /// <summary>A request that an inner requirement refuses does not count as tolerated by an outer one.</summary>
    [Theory]
    [InlineData("/enforced")]
    [InlineData("/branch-enforced")]
    public async Task Middleware_AnotherRequirementFurtherInIsEnforced_CountsTheRefusalOnly(string path)
    {
        await using var server = await UpgradeServer.StartAsync(app: static app =>
        {
            app.RequireTlsUpgrade(TlsUpgradeRequirement.ReportOnly);
            app.UseRouting();
            Map(app);
        });
        using var tolerated = new Measurements<long>(server, Metric);
        using var refused = new Measurements<long>(server, "tls_upgrade.server.refusals");
        await using var connection = await server.ConnectAsync();
        Assert.Equal(426, (await AskAsync(connection, path)).Status);
        Assert.Single(await refused.WaitForAsync(1));
        Assert.Empty(tolerated.All);
    }

    /// <summary>It addresses no resource, and is not refused where the requirement is enforced.</summary>
    [Theory]
    [InlineData(TlsUpgradeRequirement.Enforce)]
    [InlineData(TlsUpgradeRequirement.ReportOnly)]
    public async Task Middleware_OptionsAsterisk_IsNeitherRefusedNorCounted(TlsUpgradeRequirement requirement)
    {
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            app.RequireTlsUpgrade(requirement);
            app.Run(static context => Task.CompletedTask);
        });
        using var tolerated = new Measurements<long>(server, Metric);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Empty(tolerated.All);
    }

    [Fact]
    public async Task Middleware_Enforced_AcceptsOffersWhereRequiredAndReportOnlyDoesNot()
    {
        await using var server = await StartAsync(TlsUpgradeRequirement.ReportOnly, TlsUpgradeOffers.WhereRequired);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(target: "/branch-looked-at"));
        Assert.Equal("branch", (await connection.ReadResponseAsync()).Content);
        await connection.UpgradeAsync(Request(target: "/branch-enforced"));
        Assert.Equal("branch", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>It would be refused before authentication, which refuses it now.</summary>
    [Theory]
    [InlineData("/fails")]
    [InlineData("/unauthorized")]
    public async Task Request_ThatIsNotServedForOtherReasons_IsCountedAllTheSame(string path)
    {
        await using var server = await StartAsync(TlsUpgradeRequirement.ReportOnly);
        server.IsExpected = static line => line.Exception is InvalidTimeZoneException;
        using var tolerated = new Measurements<long>(server, Metric);
        await using var connection = await server.ConnectAsync();
        await AskAsync(connection, path);
        Assert.Equal([$"http.route={path}"], await tolerated.WaitForAsync(1));
    }

    /// <summary>The request is secure once its forwarded headers are applied.</summary>
    [Fact]
    public async Task RequestOfAProxysHttpsClient_IsNotCounted()
    {
        await using var server = await StartAsync(TlsUpgradeRequirement.ReportOnly);
        using var tolerated = new Measurements<long>(server, Metric);
        await using var connection = await server.ConnectAsync();
        var response = await AskAsync(connection, "/by-setting/7", "X-Forwarded-Proto: https\r\n");
        Assert.Equal(200, response.Status);
        Assert.Null(response["Upgrade"]);
        Assert.Empty(tolerated.All);
    }

    /// <summary>Its resources do not count as required, so their offers are declined.</summary>
    [Fact]
    public async Task WhereRequired_ResourceThatIsOnlyLookedAt_IsNotUpgraded()
    {
        await using var server = await StartAsync(TlsUpgradeRequirement.ReportOnly, TlsUpgradeOffers.WhereRequired);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(target: "/by-setting/7"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        await connection.UpgradeAsync(Request(target: "/enforced"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>An endpoint that upgrades nothing, or cannot, refuses nothing that the host only looks at.</summary>
    [Theory]
    [InlineData("TlsUpgrade:Requirement", "TlsUpgrade:Enabled", "http")]
    [InlineData("Kestrel:Endpoints:Web:TlsUpgrade:Requirement", "Kestrel:Endpoints:Web:TlsUpgrade:Enabled", "http")]
    [InlineData("TlsUpgrade:Requirement", "TlsUpgrade:Enabled", "h2c")]
    public async Task EndpointWithoutUpgrade_GoesByTheSettings_WhichReload(string requirement, string enabled, string protocol)
    {
        ConfigurationManager? configuration = null;
        await using var server = await ConfiguredServer.StartAsync(
            [
                "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
                $"Kestrel:Endpoints:Web:Protocols={(protocol == "h2c" ? "Http2" : "Http1")}",
                $"{requirement}=ReportOnly",
                $"{enabled}=false",
            ],
            configure: builder => configuration = builder.Configuration,
            app: Map);
        server.IsExpected = static line => line.Id.Name is "SettingsNotReloaded";
        using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{server.Port}") };
        Assert.Equal(HttpStatusCode.OK, await GetStatusAsync(client, protocol));

        // What cannot be read leaves what was.
        await ReloadAsync("Nothing", "SettingsNotReloaded");
        Assert.Equal(HttpStatusCode.OK, await GetStatusAsync(client, protocol));

        await ReloadAsync("Enforce", "SettingsReloaded");
        Assert.Equal(
            protocol == "h2c" ? HttpStatusCode.Forbidden : HttpStatusCode.UpgradeRequired, await GetStatusAsync(client, protocol));

        async Task ReloadAsync(string value, string line)
        {
            configuration![requirement] = value;
            ((IConfigurationRoot)configuration).Reload();

            // An endpoint that is skipped has no settings of its own. The host's are read with the next request.
            if (protocol != "h2c")
            {
                await server.Log.WaitForAsync(logged => logged.Id.Name == line);
            }
        }
    }

    [Fact]
    public async Task OtherServer_GoesByTheHost()
    {
        await using var server = await StartOtherAsync("ReportOnly");
        using var client = server.GetTestClient();
        Assert.Equal("by setting", await client.GetStringAsync("/by-setting/7", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("Production", "ReportOnly", true)]
    [InlineData("Production", "Enforce", false)]
    [InlineData("Development", "ReportOnly", false)]
    public async Task Start_OutsideDevelopment_SaysThatNothingIsEnforced(string environment, string requirement, bool isSaid)
    {
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Configuration["TlsUpgrade:Requirement"] = requirement;
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
            },
            Map,
            environment);
        Assert.Equal(isSaid, server.Log.Lines.Any(static line => line is { Id.Name: "RequirementNotEnforced", Level: LogLevel.Warning }));
    }

    [Fact]
    public void Convention_UnknownValue_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () =>
            WebApplication.CreateBuilder().Build().MapGroup("/x").RequireTlsUpgrade((TlsUpgradeRequirement)7));

    [Fact]
    public void Middleware_UnknownValueOrNoServices_Throws()
    {
        var app = WebApplication.CreateBuilder().Build();
        Assert.Throws<ArgumentOutOfRangeException>(() => app.RequireTlsUpgrade((TlsUpgradeRequirement)7));
        Assert.Throws<ArgumentNullException>(static () => default(IApplicationBuilder)!.RequireTlsUpgrade(TlsUpgradeRequirement.Enforce));
        Assert.Contains(
            "AddTlsUpgrade()",
            Assert.Throws<InvalidOperationException>(() => app.RequireTlsUpgrade(TlsUpgradeRequirement.Enforce)).Message);
    }

    private static bool IsReported(LogLine line) => line.Id.Name is "TlsRequirementReported";

    private static async Task<HttpStatusCode> GetStatusAsync(HttpClient client, string protocol)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/by-setting/7")
        {
            Version = protocol == "h2c" ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<RawResponse> AskAsync(RawConnection connection, string path, string fields = "")
    {
        await connection.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
        return await connection.ReadResponseAsync();
    }

    private static Task<UpgradeServer> StartAsync(TlsUpgradeRequirement requirement, TlsUpgradeOffers offers = TlsUpgradeOffers.All) =>
        UpgradeServer.StartAsync(
            options => (options.Requirement, options.Offers) = (requirement, offers),
            app: Map,
            services: static services => services.Configure<ForwardedHeadersOptions>(
                static options => options.ForwardedHeaders = ForwardedHeaders.XForwardedProto));

    private static async Task<WebApplication> StartOtherAsync(string requirement)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Configuration["TlsUpgrade:Requirement"] = requirement;
        builder.WebHost.UseTlsUpgrade();
        var app = builder.Build();
        Map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static void Map(WebApplication app)
    {
        app.UseExceptionHandler(static error => error.Run(static context => context.Response.WriteAsync("failed")));
        app.UseForwardedHeaders();
        app.MapGet("/open", static () => "open");
        app.MapGet("/by-setting/{id}", static () => "by setting").RequireTlsUpgrade();
        app.MapGet("/looked-at", static () => "looked at").RequireTlsUpgrade(TlsUpgradeRequirement.ReportOnly);
        app.MapGet("/enforced", static () => "enforced").RequireTlsUpgrade(TlsUpgradeRequirement.Enforce);
        app.MapGet("/exempt", [RequireTlsUpgrade(Required = false)] () => "exempt");
        app.MapGet("/attribute", [RequireTlsUpgrade(Requirement = TlsUpgradeRequirement.ReportOnly)] () => "attribute");
        app.MapGet("/fails", static string () => throw new InvalidTimeZoneException()).RequireTlsUpgrade();
        app.MapGet("/unauthorized", static (HttpContext context) => context.Response.StatusCode = 401).RequireTlsUpgrade();
        var group = app.MapGroup("/group").RequireTlsUpgrade(TlsUpgradeRequirement.ReportOnly);
        group.MapGet("/looked-at", static () => "looked at");
        group.MapGet("/enforced", static () => "enforced").RequireTlsUpgrade(TlsUpgradeRequirement.Enforce);
        app.Map("/branch", static branch => branch.RequireTlsUpgrade().Run(WriteAsync));
        app.Map("/branch-enforced", static branch => branch.RequireTlsUpgrade(TlsUpgradeRequirement.Enforce).Run(WriteAsync));
        app.Map("/branch-looked-at", static branch => branch.RequireTlsUpgrade(TlsUpgradeRequirement.ReportOnly).Run(WriteAsync));

        static Task WriteAsync(HttpContext context) => context.Response.WriteAsync("branch");
    }
}
