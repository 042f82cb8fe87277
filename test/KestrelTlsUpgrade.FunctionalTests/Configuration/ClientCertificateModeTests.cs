using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>
/// Client certificates from the configuration, for all names and for one: the same on upgraded connections and on those that start
/// with TLS, but for the replayed request, which never carries one.
/// </summary>
public sealed class ClientCertificateModeTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    public static MatrixTheoryData<string, ClientCertificateMode, TlsStart, bool> Cases { get; } = new(
        ["", "Sni:localhost:"], Enum.GetValues<ClientCertificateMode>(), Enum.GetValues<TlsStart>(), [false, true]);

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Mode_IsThatOfTheConfiguration(string prefix, ClientCertificateMode mode, TlsStart start, bool hasCertificate)
    {
        await using var server = await StartAsync(prefix, mode);
        await using var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        if (mode is ClientCertificateMode.RequireCertificate && !hasCertificate)
        {
            // The client of TLS 1.3 learns of the refusal when it reads.
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                await StartTlsAsync(connection, start, null);
                await AskAsync(connection, "/");
            });
            return;
        }

        await StartTlsAsync(
            connection, start, hasCertificate ? TestCertificates.Client : null, isGated: mode is ClientCertificateMode.RequireCertificate);
        var isAsked = mode is ClientCertificateMode.AllowCertificate or ClientCertificateMode.RequireCertificate;
        Assert.Equal(isAsked && hasCertificate ? "CN=client" : "none", await AskAsync(connection, "/"));
    }

    /// <summary>The application asks for it when it needs it: by a renegotiation, which TLS 1.2 has.</summary>
    [Theory]
    [InlineData("", TlsStart.FirstRequest)]
    [InlineData("", TlsStart.LaterRequest)]
    [InlineData("", TlsStart.Direct)]
    [InlineData("Sni:localhost:", TlsStart.FirstRequest)]
    [InlineData("Sni:localhost:", TlsStart.LaterRequest)]
    [InlineData("Sni:localhost:", TlsStart.Direct)]
    public async Task DelayCertificate_AskedForLate_IsGiven(string prefix, TlsStart start)
    {
        await using var server = await StartAsync(prefix, ClientCertificateMode.DelayCertificate);
        await using var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        await StartTlsAsync(connection, start, TestCertificates.Client, SslProtocols.Tls12);
        Assert.Equal("none", await AskAsync(connection, "/"));
        Assert.Equal("CN=client", await AskAsync(connection, "/ask"));
        Assert.Equal("CN=client", await AskAsync(connection, "/"));
    }

    /// <summary>
    /// Sessions are the certificate's in .NET, whatever the endpoint. One where the client was not asked for its certificate must
    /// not be resumed where it is, as it would be nobody's there.
    /// </summary>
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "ClientCertificateMode=NoCertificate", true)]
    [InlineData("", "ClientCertificateMode=AllowCertificate", false)]
    [InlineData("", "ClientCertificateMode=RequireCertificate", false)]
    [InlineData("", "ClientCertificateMode=DelayCertificate", false)]
    [InlineData("Sni:localhost:", "Sni:localhost:ClientCertificateMode=NoCertificate", true)]
    [InlineData("Sni:localhost:", "Sni:localhost:ClientCertificateMode=AllowCertificate", false)]
    [InlineData("Sni:localhost:", "Sni:localhost:ClientCertificateMode=RequireCertificate", false)]
    [InlineData("Sni:localhost:", "Sni:localhost:ClientCertificateMode=DelayCertificate", false)]
    public async Task A25_SessionOfAnotherEndpoint_ResumedOnlyWhereNoCertificateIsAsked(string prefix, string setting, bool isResumed)
    {
        var path = _files.WritePfx("server.pfx", TestCertificates.Server);
        await using var server = await ConfiguredServer.StartAsync(
            [
                "Kestrel:Endpoints:Open:Url=http://127.0.0.1:0",
                "Kestrel:Endpoints:Strict:Url=http://127.0.0.2:0",
                "TlsUpgrade:DirectTls=Any",
                $"Kestrel:Endpoints:Open:TlsUpgrade:Certificate:Path={path}",
                $"Kestrel:Endpoints:Strict:TlsUpgrade:{prefix}Certificate:Path={path}",
                .. setting.Length == 0 ? Array.Empty<string>() : [$"Kestrel:Endpoints:Strict:TlsUpgrade:{setting}"],
            ],
            options => options.Https.AllowAnyClientCertificate(),
            app: app => app.Run(DescribeAsync));
        var certificate = _files.WritePem("client.crt", TestCertificates.Client);
        var key = _files.WriteKey("client.key", TestCertificates.Client);
        Assert.Contains("New, TLSv1.3", await ConnectAsync("127.0.0.1", start: TlsStart.Direct, "-sess_out"), StringComparison.Ordinal);
        foreach (var start in Enum.GetValues<TlsStart>())
        {
            var output = await ConnectAsync("127.0.0.2", start, "-sess_in");
            Assert.Contains($"{(isResumed ? "Reused" : "New")}, TLSv1.3", output, StringComparison.Ordinal);
            Assert.Contains("HTTP/1.1 200 OK", output, StringComparison.Ordinal);
        }

        async Task<string> ConnectAsync(string address, TlsStart start, string session)
        {
            var endPoint = IPEndPoint.Parse(new Uri(server.Addresses.Single(url => url.Contains(address, StringComparison.Ordinal))).Authority);
            await using var relay = start is TlsStart.Direct
                ? null
                : new UpgradingRelay(endPoint, RawConnectionUpgradeExtensions.Request(), later: start is TlsStart.LaterRequest);
            var (_, output) = await Peers.RunAsync(
                "GET /y HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "openssl",
                "s_client", "-connect", relay is null ? $"{address}:{endPoint.Port}" : $"127.0.0.1:{relay.Port}", "-servername", "localhost",
                "-cert", certificate, "-key", key, session, _files.GetPath("session"));
            return output;
        }
    }

    private Task<UpgradeServer> StartAsync(string prefix, ClientCertificateMode mode) => ConfiguredServer.StartAsync(
        [
            "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
            "TlsUpgrade:DirectTls=Any",
            $"TlsUpgrade:{prefix}Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}",
            $"TlsUpgrade:{prefix}ClientCertificateMode={mode}",
        ],
        options => options.Https.AllowAnyClientCertificate(),
        app: app => app.Run(DescribeAsync));

    private static async Task DescribeAsync(HttpContext context)
    {
        var certificate = context.Request.Path == "/ask"
            ? await context.Connection.GetClientCertificateAsync()
            : context.Connection.ClientCertificate;
        await context.Response.WriteAsync(certificate?.Subject ?? "none");
    }

    /// <summary>Up to the answer to the request that asked for the upgrade.</summary>
    private static async Task StartTlsAsync(
        RawConnection connection, TlsStart start, X509Certificate2? certificate, SslProtocols versions = SslProtocols.None, bool isGated = false)
    {
        if (start is not TlsStart.Direct)
        {
            await connection.SendAsync(RawConnectionUpgradeExtensions.Request());
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        }

        await connection.StartTlsAsync(versions: versions, configure: options => options.Present(certificate));
        if (start is not TlsStart.Direct)
        {
            // The request came before the certificate, so it never runs in its name, nor at all where it is required.
            var replayed = await connection.ReadResponseAsync();
            Assert.Equal(isGated ? 403 : 200, replayed.Status);
            Assert.Equal(!isGated, replayed.Content is "none");
        }
    }

    private static async Task<string> AskAsync(RawConnection connection, string target)
    {
        await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return (await connection.ReadResponseAsync()).Content;
    }
}
