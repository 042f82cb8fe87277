using System.Net;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>UseHttpsRedirection and UseHsts beside the upgrade, with https on the same port.</summary>
public sealed class HttpsRedirectionTests
{
    [Theory]
    [InlineData("/open")]
    [InlineData("/secret")]
    public async Task Browser_EndsOnHttpsOfTheSamePort(string target)
    {
        await using var server = await StartAsync();
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(handler) { DefaultRequestVersion = HttpVersion.Version20 };
        client.DefaultRequestHeaders.Add("Upgrade-Insecure-Requests", "1");
        using var response = await client.GetAsync($"http://localhost:{server.Port}{target}", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal($"https://localhost:{server.Port}{target}", response.RequestMessage!.RequestUri!.ToString());
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.True(response.Headers.Contains("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("/open", 307)]
    [InlineData("/secret", 426)]
    public async Task OtherClient_RedirectedOrRefused_AndUpgradesWithoutLoop(string target, int status)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: a.test:{server.Port}\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.Null(response["Strict-Transport-Security"]);
        Assert.Equal(status == 307 ? $"https://a.test:{server.Port}{target}" : null, response["Location"]);
        await connection.UpgradeAsync(Request(target: target, host: "a.test"), serverName: "a.test");
        response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.NotNull(response["Strict-Transport-Security"]);
    }

    /// <summary>
    /// Where the redirection stands decides whether the answer is 307 or 426. Our client gets the resource either way, also where https over
    /// HTTP/1.1 is not served.
    /// </summary>
    [Theory]
    [InlineData(false, DirectTlsMode.Http2Only, "/secret", 426)]
    [InlineData(false, DirectTlsMode.Http2Only, "/open", 307)]
    [InlineData(true, DirectTlsMode.Http2Only, "/secret", 307)]
    [InlineData(true, DirectTlsMode.Http2Only, "/open", 307)]
    [InlineData(false, DirectTlsMode.Any, "/secret", 426)]
    [InlineData(true, DirectTlsMode.Any, "/secret", 307)]
    public async Task OnDemandClient_GetsTheResource(bool routesBehind, DirectTlsMode directTls, string target, int status)
    {
        await using var server = await StartAsync(routesBehind, directTls);
        await using (var connection = await server.ConnectAsync())
        {
            await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost:{server.Port}\r\n\r\n");
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        }

        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync($"http://localhost:{server.Port}{target}", TestContext.Current.CancellationToken);
            Assert.Equal(target[1..], await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        }
    }

    private static Task<UpgradeServer> StartAsync(
        bool routesBehind = false, DirectTlsMode directTls = DirectTlsMode.Http2Only) => UpgradeServer.StartAsync(
        options => options.DirectTls = directTls,
        services: services =>
        {
            services.AddHsts(options => options.ExcludedHosts.Clear());
            services.AddHttpsRedirection(_ => { });
            services.AddOptions<Microsoft.AspNetCore.HttpsPolicy.HttpsRedirectionOptions>().Configure<IServer>((options, server) =>
            {
                // The port is known when it is bound.
                var address = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
                options.HttpsPort = BindingAddress.Parse(address).Port;
            });
        },
        app: app =>
        {
            // Made with the first request, when the port is known.
            app.Use(next =>
            {
                var redirecting = new Lazy<RequestDelegate>(() =>
                {
                    var branch = ((IApplicationBuilder)app).New();
                    branch.UseHsts();
                    branch.UseHttpsRedirection();
                    branch.Run(next);
                    return branch.Build();
                });
                return context => redirecting.Value(context);
            });
            if (routesBehind)
            {
                app.UseRouting();
            }

            app.MapGet("/open", () => "open");
            app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
        });
}
