using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>
/// Requirement A-16: a real nginx in front, with the settings for WebSocket that everybody copies, which pass Upgrade and
/// Connection through.
/// </summary>
public sealed class NginxTests
{
    [Theory]
    [InlineData("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", false)]
    [InlineData("proxy_set_header X-Real-IP $remote_addr;", false)]
    [InlineData("proxy_set_header X-Forwarded-Proto $scheme;", false)]
    [InlineData("proxy_set_header Forwarded for=$remote_addr;", false)]
    [InlineData("proxy_set_header Via 1.1;", false)]
    [InlineData("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", true)]
    public async Task WebSocketSettings_OfferPassedThrough_UpgradedOnlyIfAllowed(string setting, bool isAllowed)
    {
        Peers.Require("nginx");
        await using var server = await UpgradeServer.StartAsync(options => options.AllowBehindProxy = isAllowed);
        Assert.Equal(isAllowed ? 101 : 200, await GetStatusAsync(server, setting));
    }

    /// <summary>
    /// Not a promise but the limit of it, which the README names: a proxy that adds no field of its own looks like a client.
    /// </summary>
    [Fact]
    public async Task WebSocketSettings_NoFieldOfTheProxy_CannotBeToldFromAClient()
    {
        Peers.Require("nginx");
        await using var server = await UpgradeServer.StartAsync();
        Assert.Equal(101, await GetStatusAsync(server, ""));
    }

    /// <summary>
    /// Why nothing is advertised by default: nginx passes the field on into HTTP/2, where it makes the response malformed
    /// (RFC 9113 section 8.2.2).
    /// </summary>
    [Theory]
    [InlineData(TlsUpgradeAdvertisement.Never, true)]
    [InlineData(TlsUpgradeAdvertisement.EveryResponse, false)]
    public async Task Http2Front_AdvertisementPassedOn_BreaksItsClients(TlsUpgradeAdvertisement advertise, bool isServed)
    {
        Peers.Require("nginx");
        await using var server = await UpgradeServer.StartAsync(options => options.Advertise = advertise);
        await using var nginx = await StartHttp2Async(server, "");
        var (exitCode, output) = await AskOverHttp2Async(nginx, "/");
        Assert.True(exitCode == 0 == isServed, output);
        Assert.Contains(isServed ? "HTTP/2 200" : "PROTOCOL_ERROR", output);
    }

    /// <summary>What requires TLS is refused in a form that arrives over HTTP/2, and served once the application knows its proxy.</summary>
    [Theory]
    [InlineData("", false, null, "PROTOCOL_ERROR")]
    [InlineData("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;", false, "came through a proxy", "HTTP/2 403")]
    [InlineData("proxy_set_header X-Forwarded-Proto $scheme;", false, "UseForwardedHeaders()", "HTTP/2 403")]
    [InlineData("proxy_set_header X-Forwarded-Proto $scheme;", true, "secret", "HTTP/2 200")]
    public async Task Http2Front_ResourceRequiresTls_AnswerArrives(string setting, bool isApplied, string? content, string expected)
    {
        Peers.Require("nginx");
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            if (isApplied)
            {
                app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedProto });
            }

            app.MapGet("/secret", () => "secret").RequireTlsUpgrade();
        });
        await using var nginx = await StartHttp2Async(server, setting);
        var (_, output) = await AskOverHttp2Async(nginx, "/secret");
        Assert.Contains(expected, output);
        Assert.Contains(content ?? "", output);
    }

    private static Task<NginxProcess> StartHttp2Async(UpgradeServer server, string setting) => NginxProcess.StartAsync(
        $$"""
        $listen ssl http2;
        ssl_certificate $directory/server.crt;
        ssl_certificate_key $directory/server.key;
        location / {
          proxy_pass http://127.0.0.1:{{server.Port}};
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          {{setting}}
        }
        """,
        ("server.crt", TestCertificates.Server.ExportCertificatePem()),
        ("server.key", TestCertificates.Server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));

    private static Task<(int ExitCode, string Output)> AskOverHttp2Async(NginxProcess nginx, string target) => Peers.RunAsync(
        "", "curl", "-sSk", "--http2", "-w", " HTTP/%{http_version} %{http_code}", "--unix-socket", nginx.SocketPath, $"https://localhost{target}");

    private static async Task<int> GetStatusAsync(UpgradeServer server, string setting)
    {
        await using var nginx = await NginxProcess.StartAsync(
            $$"""
            $listen;
            location / {
              proxy_pass http://127.0.0.1:{{server.Port}};
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection $connection_upgrade;
              proxy_set_header Host $host;
              {{setting}}
            }
            """);
        await using var connection = await RawConnection.OpenAsync(nginx.EndPoint);
        await connection.SendAsync(Request());
        return (await connection.ReadResponseAsync()).Status;
    }
}
