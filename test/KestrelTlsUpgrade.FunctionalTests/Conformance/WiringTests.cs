using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.FunctionalTests.Observation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Applications that require TLS and have forgotten, or got past, what enforces it.</summary>
public sealed class WiringTests
{
    public static TheoryData<string> Kinds => [.. EndpointKinds.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task NothingAdded_RequiredEndpoint_FailsAndNamesTheCall(string name)
    {
        var kind = EndpointKinds.All.Single(kind => kind.Name == name);
        await using var server = await StartWithoutServicesAsync();
        server.IsExpected = line => line.Exception is InvalidOperationException;
        var calls = server.Services.GetRequiredService<HandlerCalls>();
        await using var connection = await server.ConnectAsync();
        var length = kind.Method is "POST" ? "Content-Length: 0\r\n" : "";
        await connection.SendAsync($"{kind.Method} {kind.Target} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n");
        var response = await connection.ReadResponseAsync();
        if (!kind.IsRequired)
        {
            Assert.Equal(200, response.Status);
            return;
        }

        Assert.Equal(500, response.Status);
        Assert.Equal(0, calls.Count);
        var line = await server.Log.WaitForAsync(line => line.Exception is InvalidOperationException);
        Assert.Contains("requires TLS, but nothing in the application enforces that", line.Exception!.Message);
        Assert.Contains("builder.Services.AddTlsUpgrade()", line.Exception.Message);
    }

    [Fact]
    public async Task MvcWithoutEndpointRouting_ReportOnly_IsServedAndCounted()
    {
        await using var server = await UpgradeServer.StartAsync(
            static builder =>
            {
                EndpointKinds.AddServices(builder.Services);
                builder.Services.AddMvc(static options => options.EnableEndpointRouting = false);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.WebHost.UseTlsUpgrade(static options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    options.Requirement = TlsUpgradeRequirement.ReportOnly;
                });
            },
            static app => ((IApplicationBuilder)app).UseMvc(static routes => routes.MapRoute("conventional", "{controller}/{action}")));
        using var tolerated = new Measurements<long>(server, "tls_upgrade.server.tolerated");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /Conventional/Required HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal((200, "ran"), (response.Status, response.Content));
        Assert.Equal("TLS/1.3, TLS/1.2, HTTP/1.1", response["Upgrade"]);
        Assert.Single(tolerated.All);
    }

    /// <summary>In MVC without endpoint routing the attribute is a filter.</summary>
    [Theory]
    [InlineData(false, "/Conventional/Required", 426)]
    [InlineData(true, "/Conventional/Required", 426)]
    [InlineData(true, "/required/plain", 426)]
    [InlineData(true, "/required/revoked", 200)]
    [InlineData(true, "/open/required", 426)]
    [InlineData(true, "/open/plain", 200)]
    public async Task MvcWithoutEndpointRouting_RequiredAction_Refused(bool hasServices, string target, int status)
    {
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                EndpointKinds.AddServices(builder.Services);
                builder.Services.AddMvc(options => options.EnableEndpointRouting = false);
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                if (hasServices)
                {
                    builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
                }
            },
            app => ((IApplicationBuilder)app).UseMvc(routes => routes.MapRoute("conventional", "{controller}/{action}")));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.Equal(status == 426 ? "TLS/1.3, TLS/1.2, HTTP/1.1" : null, response["Upgrade"]);
        Assert.Equal(status == 426 ? 0 : 1, server.Services.GetRequiredService<HandlerCalls>().Count);
        if (hasServices)
        {
            await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(target: target));
            Assert.Equal("ran", (await connection.ReadResponseAsync()).Content);
        }
    }

    [Fact]
    public async Task NothingAdded_InOneOfTwoApplications_OnlyThatOneFails()
    {
        await using var without = await StartWithoutServicesAsync();
        await using var with = await UpgradeServer.StartAsync(services: EndpointKinds.AddServices, app: EndpointKinds.Map);
        without.IsExpected = line => line.Exception is InvalidOperationException;
        foreach (var (server, status) in new[] { (without, 500), (with, 426), (without, 500), (with, 426) })
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync("GET /map/attribute HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task NothingAdded_TestHost_Fails()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseTestServer();
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.MapGet("/secret", [RequireTlsUpgrade] () => "secret");
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = app.GetTestClient();
        foreach (var scheme in new[] { "http", "https" })
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => client.GetAsync($"{scheme}://localhost/secret", TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task NothingAdded_UseTlsUpgradeRequired_FailsAtStartup()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => UpgradeServer.StartAsync(
            builder => builder.WebHost.UseUrls("http://127.0.0.1:0"), app => app.RequireTlsUpgrade()));
        Assert.Contains("builder.Services.AddTlsUpgrade()", failure.Message);
    }

    private static Task<UpgradeServer> StartWithoutServicesAsync() => UpgradeServer.StartAsync(
        builder =>
        {
            EndpointKinds.AddServices(builder.Services);
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        },
        EndpointKinds.Map);
}
