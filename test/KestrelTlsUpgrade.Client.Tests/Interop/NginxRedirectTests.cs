using System.Net;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Interop;

/// <summary>A real nginx that serves https on one port, sends clear text there to https, and knows nothing of upgrades.</summary>
public sealed class NginxRedirectTests
{
    [Fact]
    public async Task C28_RedirectToHttpsOfTheSamePort_NoUpgrade_RedirectIsFollowed()
    {
        await using var nginx = await StartAsync();
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync($"http://localhost:{nginx.Port}/x");
            Assert.Equal("by https", await response.Content.ReadAsStringAsync());
            Assert.Equal($"https://localhost:{nginx.Port}/x", response.RequestMessage!.RequestUri!.ToString());
            Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
        }
    }

    [Fact]
    public async Task C28_RedirectsNotFollowed_TheCallerGetsThem()
    {
        await using var nginx = await StartAsync();
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand, handler: static handler => handler.AllowAutoRedirect = false);
        using var response = await client.GetAsync($"http://localhost:{nginx.Port}/x");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
    }

    private static Task<PeerProcess> StartAsync() => PeerProcess.StartAsync("nginx", static async peer =>
    {
        var certificate = Path.Combine(peer.Home, "server.crt");
        var key = Path.Combine(peer.Home, "server.key");
        var configuration = Path.Combine(peer.Home, "nginx.conf");
        await File.WriteAllTextAsync(certificate, TestCertificates.Server.ExportCertificatePem());
        await File.WriteAllTextAsync(key, TestCertificates.Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off;
            master_process off;
            pid {{peer.Home}}/nginx.pid;
            error_log {{peer.Home}}/error.log;
            events {}
            http {
              access_log off;
              client_body_temp_path {{peer.Home}};
              proxy_temp_path {{peer.Home}};
              fastcgi_temp_path {{peer.Home}};
              uwsgi_temp_path {{peer.Home}};
              scgi_temp_path {{peer.Home}};
              server {
                listen 127.0.0.1:{{peer.Port}} ssl;
                ssl_certificate {{certificate}};
                ssl_certificate_key {{key}};
                error_page 497 =307 https://$host:$server_port$request_uri;
                location / {
                  return 200 "by https";
                }
              }
            }

            """);
        return ["-c", configuration];
    });
}
