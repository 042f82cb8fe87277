using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Tests.Interop;

/// <summary>A proxy with an https URI: TLS from the first byte, and CONNECT over HTTP/1.1 in it. Each row of the README's table.</summary>
public sealed class HttpsProxyTests
{
    private static Task<UpgradeServer> StartProxyAsync(string endpoint) => TunnelProxy.StartAsync(
        endpoint: listen =>
        {
            if (endpoint == "UseHttps")
            {
                listen.UseHttps(TestCertificates.Server);
            }
            else
            {
                listen.UseTlsUpgrade(options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    if (Enum.TryParse<DirectTlsMode>(endpoint, out var mode))
                    {
                        options.DirectTls = mode;
                    }
                });
            }
        },
        services: services => services.AddTlsUpgrade());

    [Theory]
    [InlineData("UseHttps", "", "200")]
    [InlineData("UseTlsUpgrade", "", "505")]
    [InlineData("Http2Only", "", "505")]
    [InlineData("Any", "", "200")]
    [InlineData("Off", "", "alert")]
    [InlineData("UseTlsUpgrade", "plain", "200")]
    [InlineData("Off", "plain", "200")]
    public async Task Curl(string endpoint, string scheme, string expected)
    {
        await using var origin = Origin.Echo();
        await using var site = await UpgradeServer.StartAsync(builder =>
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(TestCertificates.Server))));
        await using var proxy = await StartProxyAsync(endpoint);
        var (code, output) = await Peers.RunAsync(
            "", "curl", "-sS", "-k", "--proxy-insecure", "--noproxy", "", "-x", $"{(scheme == "plain" ? "http" : "https")}://localhost:{proxy.Port}",
            "-w", " connect=%{http_connect}", $"https://localhost:{site.Port}/x");
        if (expected == "200")
        {
            Assert.True(code == 0, output);
            Assert.Contains("GET /x scheme=https", output, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(expected == "505" ? 56 : 35, code);
        }

        Assert.Contains($"connect={(expected == "alert" ? "000" : expected)}", output, StringComparison.Ordinal);
    }
}
