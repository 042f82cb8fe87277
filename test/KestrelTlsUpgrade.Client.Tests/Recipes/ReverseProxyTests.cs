using System.Diagnostics;
using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace KestrelTlsUpgrade.Client.Tests.Recipes;

/// <summary>YARP whose connections to the servers behind it are upgraded.</summary>
public sealed class ReverseProxyTests
{
    [Fact]
    public async Task Requests_ReachTheServerOverTls()
    {
        await using var origin = await UpgradeServer.StartAsync();
        await using var proxy = await UpgradeServer.StartAsync(
            isUpgradable: false,
            services: services =>
            {
                services.AddReverseProxy().LoadFromMemory(
                    [new RouteConfig { RouteId = "all", ClusterId = "origin", Match = new RouteMatch { Path = "{**all}" } }],
                    [
                        new ClusterConfig
                        {
                            ClusterId = "origin",
                            Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = $"http://localhost:{origin.Port}/" } },
                            HttpClient = new HttpClientConfig { MaxConnectionsPerServer = 7 },
                        },
                    ]);
                services.AddSingleton<IForwarderHttpClientFactory, UpgradingForwarderHttpClientFactory>();
                services.Configure<TlsUpgradeClientOptions>(
                    options => options.SslOptions.CertificateChainPolicy = TestClient.Trusting(TestCertificates.Server));
            },
            app: app => app.MapReverseProxy());
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var request = new HttpRequestMessage(method, $"http://localhost:{proxy.Port}/x");
            request.Content = method == HttpMethod.Post ? new StringContent("content") : null;
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.StartsWith($"{method} /x", text, StringComparison.Ordinal);
            Assert.Contains("state=Upgraded", text, StringComparison.Ordinal);
        }
    }

    private sealed class UpgradingForwarderHttpClientFactory(IOptions<TlsUpgradeClientOptions> upgrade) : ForwarderHttpClientFactory
    {
        protected override HttpMessageHandler WrapHandler(ForwarderHttpClientContext context, HttpMessageHandler handler)
        {
            handler.Dispose();
            return new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
            {
                SslOptions = upgrade.Value.SslOptions,
                ConfigureHandler = sockets =>
                {
                    sockets.UseProxy = false;
                    sockets.AllowAutoRedirect = false;
                    sockets.UseCookies = false;
                    sockets.ActivityHeadersPropagator = new ReverseProxyPropagator(DistributedContextPropagator.Current);
                    sockets.ConnectTimeout = TimeSpan.FromSeconds(15);
                    ConfigureHandler(context, sockets);
                },
            });
        }
    }
}
