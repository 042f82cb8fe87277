using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;

namespace KestrelTlsUpgrade.Tunnel.Tests.Interop;

/// <summary>Real clients through a tunnel.</summary>
public sealed class ClientTests
{
    private static Task<UpgradeServer> StartOriginAsync(bool isHttps) => UpgradeServer.StartAsync(builder =>
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (isHttps)
            {
                listen.UseHttps(TestCertificates.Server);
            }
        })));

    private static Task<UpgradeServer> StartProxyAsync(bool isHttps = false, bool hasPassword = false) => TunnelProxy.StartAsync(
        options =>
        {
            if (hasPassword)
            {
                options.Authorize = context => new(context.ProxyAuthorization == "Basic dXNlcjpzZWNyZXQ="
                    ? ConnectTunnelAuthorizationResult.Allow
                    : ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"proxy\""));
            }
        },
        endpoint: listen =>
        {
            if (isHttps)
            {
                listen.UseHttps(TestCertificates.Server);
            }
        });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Curl(bool isHttps, bool isHttpsProxy)
    {
        await using var origin = await StartOriginAsync(isHttps);
        await using var proxy = await StartProxyAsync(isHttpsProxy, hasPassword: true);
        var (code, output) = await Peers.RunAsync(
            "", "curl", "-sS", "-k", "--proxy-insecure", "-p", "--noproxy", "", "-U", "user:secret", "--proxy-anyauth",
            "-x", $"{(isHttpsProxy ? "https" : "http")}://127.0.0.1:{proxy.Port}", $"{(isHttps ? "https" : "http")}://127.0.0.1:{origin.Port}/x");
        Assert.True(code == 0, output);
        Assert.Contains($"GET /x scheme={(isHttps ? "https" : "http")}", output);
    }

    [Fact]
    public async Task Curl_Refused_KnowsTheStatus()
    {
        await using var proxy = await TunnelProxy.StartClosedAsync();
        var (code, output) = await Peers.RunAsync(
            "", "curl", "-sS", "--noproxy", "", "-p", "-x", $"http://127.0.0.1:{proxy.Port}", "http://10.0.0.1/");
        Assert.Equal(56, code);
        Assert.Contains("403", output);
    }

    [Fact]
    public async Task OpenSsl()
    {
        await using var origin = await StartOriginAsync(isHttps: true);
        await using var proxy = await StartProxyAsync();
        var (_, output) = await Peers.RunAsync(
            "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "openssl", "s_client", "-quiet", "-proxy", $"127.0.0.1:{proxy.Port}", "-connect", $"127.0.0.1:{origin.Port}");
        Assert.Contains("GET /x scheme=https", output);
    }

    [Fact]
    public async Task Java()
    {
        await using var origin = await StartOriginAsync(isHttps: true);
        await using var proxy = await StartProxyAsync();
        var (code, output) = await Peers.RunAsync(
            "", "java", "-Djdk.internal.httpclient.disableHostnameVerification=true",
            Path.Combine(AppContext.BaseDirectory, "Interop", "JavaTunnel.java"),
            $"{proxy.Port}", $"https://localhost:{origin.Port}/x");
        Assert.True(code == 0, output);
        Assert.Contains("200 GET /x scheme=https", output);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task DotNet(bool hasPassword)
    {
        await using var origin = await StartOriginAsync(isHttps: true);
        await using var proxy = await StartProxyAsync(hasPassword: hasPassword);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            Proxy = new WebProxy($"http://127.0.0.1:{proxy.Port}") { Credentials = new NetworkCredential("user", "secret") },
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
        for (var i = 0; i < 3; i++)
        {
            Assert.Contains("GET /x scheme=https", await client.GetStringAsync($"https://localhost:{origin.Port}/x"));
        }
    }

    [Fact]
    public async Task OwnClient_UpgradesAcrossIt()
    {
        await using var origin = await UpgradeServer.StartAsync(options => options.AcceptedClients = TlsUpgradeClientMode.AwareOnly);
        await using var proxy = await StartProxyAsync(hasPassword: true);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(TestCertificates.Server);
        using var client = new HttpClient(new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
            ConfigureHandler = handler =>
            {
                handler.UseProxy = true;
                handler.Proxy = new WebProxy($"http://127.0.0.1:{proxy.Port}") { Credentials = new NetworkCredential("user", "secret") };
            },
        }));
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.PostAsync($"http://localhost:{origin.Port}/x", new StringContent("content"));
            Assert.Contains("POST /x scheme=https state=Upgraded", await response.Content.ReadAsStringAsync());
            Assert.True(response.GetTlsUpgradeInfo() is { IsUpgraded: true, IsTunnelled: true });
        }
    }

    [Fact]
    public async Task Chromium_OpensHttpsThroughIt()
    {
        await using var origin = await StartOriginAsync(isHttps: true);
        await using var proxy = await StartProxyAsync();
        var profile = Directory.CreateTempSubdirectory();
        try
        {
            var (_, output) = await Peers.RunAsync(
                "", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--ignore-certificate-errors",
                $"--user-data-dir={profile.FullName}", $"--proxy-server=http://127.0.0.1:{proxy.Port}", "--proxy-bypass-list=<-loopback>",
                "--dump-dom", $"https://localhost:{origin.Port}/x");
            Assert.Contains("GET /x scheme=https", output);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
