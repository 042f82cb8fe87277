using KestrelTlsUpgrade.FunctionalTests.Combinations;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>Who may see the report.</summary>
public sealed class ReportAccessTests
{
    private const string Credentials = "Authorization: Counting x\r\n";

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public async Task WithoutAPolicy_IsNotThere_WhateverIsAsked(string environment)
    {
        await using var server = await ReportServer.StartAsync(environment);
        foreach (var method in new[] { "GET", "HEAD", "POST", "OPTIONS" })
        {
            Assert.Equal(404, await GetStatusAsync(server, method));
        }

        // Whoever set it up is told, once.
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name is "ReportNotOpen");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains("/tls", line.Message);
    }

    [Fact]
    public async Task WithoutAPolicy_IsAsWhatIsNotThere()
    {
        await using var server = await ReportServer.StartAsync("Production");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var report = await connection.ReadResponseAsync();
        await connection.SendAsync("GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var nothing = await connection.ReadResponseAsync();
        Assert.Equal(nothing.StatusLine, report.StatusLine);
        Assert.Equal(nothing.Content, report.Content);
        Assert.Equal(nothing.Fields.Select(static field => field.Name), report.Fields.Select(static field => field.Name));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task WithAPolicy_IsForThoseWhomItLetsIn(string environment)
    {
        await using var server = await StartAsync(environment, static app => app.MapTlsUpgradeReport().RequireAuthorization());
        Assert.Equal(401, await GetStatusAsync(server));
        Assert.Equal(401, await GetStatusAsync(server, "POST"));
        Assert.Equal(200, await GetStatusAsync(server, fields: Credentials));
        Assert.Equal(405, await GetStatusAsync(server, "POST", Credentials));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name is "ReportNotOpen");
    }

    [Fact]
    public async Task WithAPolicyThatLetsNobodyIn_IsForNobody()
    {
        await using var server = await StartAsync("Production", static app => app.MapTlsUpgradeReport().RequireAuthorization("ops"));
        Assert.Equal(401, await GetStatusAsync(server));
        Assert.Equal(403, await GetStatusAsync(server, fields: Credentials));
    }

    [Fact]
    public async Task WithAPolicyOfItsGroup_IsForThoseWhomItLetsIn()
    {
        await using var server = await StartAsync(
            "Production", static app => app.MapGroup("").RequireAuthorization().MapTlsUpgradeReport());
        Assert.Equal(401, await GetStatusAsync(server));
        Assert.Equal(200, await GetStatusAsync(server, fields: Credentials));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name is "ReportNotOpen");
    }

    [Fact]
    public async Task WithAnonymousCallersAllowed_IsForNobody()
    {
        await using var server = await StartAsync(
            "Production", static app => app.MapTlsUpgradeReport().RequireAuthorization().AllowAnonymous());
        Assert.Equal(404, await GetStatusAsync(server));
        Assert.Equal(404, await GetStatusAsync(server, fields: Credentials));
        Assert.Single(server.Log.Lines, static line => line.Id.Name is "ReportNotOpen");
    }

    [Fact]
    public async Task WithAFallbackPolicyOnly_IsForNobody()
    {
        await using var server = await StartAsync("Production", static app => app.MapTlsUpgradeReport(), hasFallback: true);
        Assert.Equal(404, await GetStatusAsync(server, fields: Credentials));
    }

    /// <summary>What goes around authorization gets nothing, which is ASP.NET Core's doing and what <c>IAuthorizeData</c> is asked for.</summary>
    [Fact]
    public async Task WithAPolicyThatIsGoneAround_IsForNobody()
    {
        await using var server = await StartAsync(
            "Production", static app => app.MapTlsUpgradeReport().RequireAuthorization().ShortCircuit());
        server.IsExpected = static line => line.Exception is InvalidOperationException;
        Assert.Equal(500, await GetStatusAsync(server, fields: Credentials));
    }

    /// <summary>Where the application has told ASP.NET Core not to look whether authorization has been asked.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task WithAPolicyThatNobodyAsks_IsForNobody(bool isShortCircuited)
    {
        await using var server = await ReportServer.StartAsync(
            "Production",
            app =>
            {
                var report = app.MapTlsUpgradeReport().RequireAuthorization();
                _ = isShortCircuited ? report.ShortCircuit() : report;
            },
            static services => services.Configure<RouteOptions>(static options => options.SuppressCheckForUnhandledSecurityMetadata = true));
        Assert.Equal(404, await GetStatusAsync(server));
        Assert.Equal(404, await GetStatusAsync(server, fields: Credentials));
    }

    [Fact]
    public async Task WithAPolicy_AskedThoughNobodyLooksWhetherItIs_IsForThoseWhomItLetsIn()
    {
        await using var server = await StartAsync(
            "Production",
            static app => app.MapTlsUpgradeReport().RequireAuthorization(),
            services: static services => services.Configure<RouteOptions>(static options => options.SuppressCheckForUnhandledSecurityMetadata = true));
        Assert.Equal(401, await GetStatusAsync(server));
        Assert.Equal(200, await GetStatusAsync(server, fields: Credentials));
    }

    /// <summary>The report is one endpoint: how its path is written makes no difference to who sees it.</summary>
    [Theory]
    [InlineData("/tls/")]
    [InlineData("/TLS")]
    [InlineData("/%74ls")]
    [InlineData("/tls?format=json")]
    [InlineData("/base/tls")]
    [InlineData("//tls")]
    public async Task Path_InOtherWords_IsGuardedAsWell(string path)
    {
        await using var open = await ReportServer.StartAsync("Production", static app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.MapTlsUpgradeReport();
        });
        Assert.Equal(404, await GetStatusAsync(open, path: path));
        await using var guarded = await StartAsync("Production", static app =>
        {
            app.UsePathBase("/base");
            app.UseRouting();
            app.UseAuthentication();
            app.UseAuthorization();
            app.MapTlsUpgradeReport().RequireAuthorization();
        });
        Assert.Contains(await GetStatusAsync(guarded, path: path), new[] { 401, 404 });
        Assert.Contains(await GetStatusAsync(guarded, "HEAD", path: path), new[] { 401, 404 });
    }

    [Fact]
    public async Task RequireTlsUpgrade_OnIt_IsKept()
    {
        await using var server = await ReportServer.StartAsync(map: static app => app.MapTlsUpgradeReport().RequireTlsUpgrade());
        Assert.Equal(426, await GetStatusAsync(server));
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(target: "/tls"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task WithoutTheService_FailsAndNamesTheCall()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(
            configure: static _ => { }, app: static app => app.MapTlsUpgradeReport()));
        Assert.Contains("UseTlsUpgrade()", failure.Message);
        Assert.Contains("AddTlsUpgradeReport()", failure.Message);
    }

    [Fact]
    public async Task WithTheUpgradeAlone_FailsAndNamesTheCall()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(
            configure: static builder => builder.Services.AddTlsUpgrade(), app: static app => app.MapTlsUpgradeReport()));
        Assert.Contains("AddTlsUpgradeReport()", failure.Message);
    }

    /// <summary>The upgrade itself has nothing that watches for a report.</summary>
    [Fact]
    public void Service_IsAddedOnceAndOnTopOfTheUpgrade()
    {
        var upgrade = new ServiceCollection().AddTlsUpgrade();
        var report = new ServiceCollection().AddTlsUpgradeReport().AddTlsUpgradeReport();
        Assert.Equal(upgrade.Count + 10, report.Count);
        Assert.Single(report, static service => service.ServiceType == typeof(ReportCollector));
        Assert.Equal(
            upgrade.Count(static service => service.ServiceType == typeof(ITlsUpgradeObserver)) + 1,
            report.Count(static service => service.ServiceType == typeof(ITlsUpgradeObserver)));
    }

    [Fact]
    public void Nothing_IsRefused()
    {
        Assert.Throws<ArgumentNullException>(() => TlsUpgradeEndpointRouteBuilderExtensions.MapTlsUpgradeReport(null!));
        Assert.Throws<ArgumentNullException>(() => WebApplication.CreateSlimBuilder().Build().MapTlsUpgradeReport(null!));
        Assert.Throws<ArgumentNullException>(() => TlsUpgradeReportServiceCollectionExtensions.AddTlsUpgradeReport(null!));
    }

    private static Task<UpgradeServer> StartAsync(string environment, Action<WebApplication> map, bool hasFallback = false, Action<IServiceCollection>? services = null) => ReportServer.StartAsync(
        environment,
        map,
        builder =>
        {
            services?.Invoke(builder);
            builder.AddSingleton(new Counter());
            builder.AddAuthentication(CountingAuthenticationHandler.SchemeName)
                .AddScheme<AuthenticationSchemeOptions, CountingAuthenticationHandler>(CountingAuthenticationHandler.SchemeName, null);
            var authorization = builder.AddAuthorizationBuilder().AddPolicy("ops", static policy => policy.RequireRole("ops"));
            if (hasFallback)
            {
                authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
            }
        });

    private static async Task<int> GetStatusAsync(UpgradeServer server, string method = "GET", string fields = "", string path = "/tls")
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{fields}\r\n");
        return (await connection.ReadResponseAsync(toHead: true)).Status;
    }
}
