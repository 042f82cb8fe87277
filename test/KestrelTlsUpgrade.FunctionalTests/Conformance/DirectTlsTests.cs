using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>TLS from the first byte on the port of an upgrade endpoint.</summary>
public sealed class DirectTlsTests
{
    [Theory]
    [InlineData(DirectTlsMode.Http2Only)]
    [InlineData(DirectTlsMode.Any)]
    public async Task Http2Client_IsServed(DirectTlsMode mode)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = mode);
        using var client = CreateClient();
        using var response = await client.SendAsync(new(HttpMethod.Get, $"https://localhost:{server.Port}/x")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        Assert.Contains("GET /x scheme=https state=DirectTls token= replayed=False", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", false)]
    [InlineData("POST", true)]
    public async Task Http2Only_Http1Client_ToldWhyAndClosed(string method, bool hasContent)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var alpn in new SslApplicationProtocol[]?[] { null, [SslApplicationProtocol.Http11], [new(TlsUpgradeProtocol.AlpnProtocolId), SslApplicationProtocol.Http11] })
        {
            await using var connection = await server.ConnectAsync();
            await connection.StartTlsAsync(alpn: alpn);
            await connection.SendAsync($"{method} /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
            var response = await connection.ReadResponseAsync(toHead: !hasContent);
            Assert.Equal("HTTP/1.1 505 HTTP Version Not Supported", response.StatusLine);
            Assert.Equal("close", response["Connection"]);
            Assert.Equal(hasContent, response.Content.Contains("HTTP/2"));
            Assert.DoesNotContain("DirectTls", response.Content);
            Assert.Empty(await connection.ReadToEndAsync());
            Assert.True(connection.GotCloseNotify);
        }

        Assert.DoesNotContain(server.Log.Lines, line => line.Message.Contains("/x"));
    }

    /// <summary>Whoever develops the application is told the setting. Whoever scans the port is told what a client can do.</summary>
    [Theory]
    [InlineData("Development", true)]
    [InlineData("Staging", false)]
    public async Task Http2Only_Answer_NamesTheSettingInDevelopmentOnly(string environment, bool expected)
    {
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
                builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
            },
            environment: environment);
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(expected, (await connection.ReadResponseAsync()).Content.Contains("DirectTls = Http2Only"));
    }

    /// <summary>Outside Development the answer does not name the setting, so the log has to.</summary>
    [Fact]
    public async Task Http2Only_Http1Clients_LoggedWithinLimits()
    {
        const int Limit = 10;
        await using var server = await UpgradeServer.StartAsync();
        for (var client = 0; client < Limit + 2; client++)
        {
            await using var connection = await server.ConnectAsync();
            await connection.StartTlsAsync();
            await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(505, (await connection.ReadResponseAsync()).Status);
        }

        var lines = server.Log.Lines.Where(static line => line.Id.Name is "DirectHttp1Refused").ToArray();
        Assert.Equal(Limit, lines.Length);
        Assert.All(lines, static line =>
        {
            Assert.Equal(LogLevel.Information, line.Level);
            Assert.Contains("DirectTls = Http2Only", line.Message);
        });
    }

    /// <summary>Whoever waits for a print job looks into the log as a new application has it.</summary>
    [Fact]
    public async Task Http2Only_Http1Client_LogOfATemplateSaysWhatToDo()
    {
        await using var server = await UpgradeServer.StartAsync(
            static builder =>
            {
                // appsettings.json of dotnet new web.
                builder.Configuration.AddInMemoryCollection(
                    [new("Logging:LogLevel:Default", "Information"), new("Logging:LogLevel:Microsoft.AspNetCore", "Warning")]);
                builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
                builder.WebHost.UseTlsUpgrade(static options => options.Https.ServerCertificate = TestCertificates.Server);
                builder.WebHost.ConfigureKestrel(static options => options.Listen(IPAddress.Loopback, 0));
            });
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync("POST /ipp/print HTTP/1.1\r\nHost: localhost\r\nUser-Agent: CUPS/2.4.2\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal(505, (await connection.ReadResponseAsync()).Status);
        var line = await server.Log.WaitForAsync(static line => line.Id.Name is "DirectHttp1Refused");
        Assert.EndsWith(
            "It was answered with 505. Give such clients, for example ipps:// queues of CUPS, a port with UseHttps and a name of its own, or set "
            + "AcceptedClients = AwareOnly on every instance and then DirectTls = Any. A CUPS queue can upgrade instead: ipp:// with "
            + "?encryption=required.",
            line.Message);
        Assert.DoesNotContain(server.Log.Lines, static line => line.Level < LogLevel.Information);
    }

    /// <summary>
    /// Closing with octets unread would reset the connection, and the answer with it (RFC 9112 section 9.6). The clock stands still, because
    /// a client on a busy machine may take longer than the server waits.
    /// </summary>
    [Fact]
    public async Task Http2Only_Http1ClientUploads_AnswerArrivesBehindTheUpload()
    {
        await using var server = await UpgradeServer.StartAsync(
            services: static services => services.SetServerClock(new FakeTimeProvider(DateTimeOffset.UtcNow)));
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        const int Length = 10_000_000;
        await connection.SendAsync($"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Length}\r\n\r\n");
        await connection.SendAsync(new byte[Length]);
        Assert.Equal(505, (await connection.ReadResponseAsync()).Status);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Fact]
    public async Task Http2Only_Http1ClientSaysNothing_ClosedWithoutAnswer()
    {
        await using var server = await UpgradeServer.StartAsync(
            server: options => options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();

        // An answer to no question could be taken for the answer to the next one.
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task Http2Only_Http1ClientGoesOnSending_AnswerStillArrives()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync("POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n" + new string('a', 30000));
        Assert.Equal(505, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Http2Only_NoRequestHeadersTimeout_ToldWhyAllTheSame()
    {
        await using var server = await UpgradeServer.StartAsync(
            server: options => options.Limits.RequestHeadersTimeout = Timeout.InfiniteTimeSpan);
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync();
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(505, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Any_Http1Client_IsServed()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        foreach (var alpn in new SslApplicationProtocol[]?[] { null, [SslApplicationProtocol.Http11] })
        {
            await using var connection = await server.ConnectAsync();
            await connection.StartTlsAsync(alpn: alpn);
            await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Contains("scheme=https state=DirectTls", (await connection.ReadResponseAsync()).Content);
        }
    }

    [Fact]
    public async Task Off_TlsClient_GetsKestrelsPlaintextAnswer()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Off);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2B));
        Assert.StartsWith("HTTP/1.1 400", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task Http1OnlyEndpoint_Http2Only_ServesNobodyAndSaysSoAtStart()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.DirectTls = DirectTlsMode.Http2Only, endpoint: endpoint => endpoint.Protocols = HttpProtocols.Http1);
        var line = Assert.Single(server.Log.Lines, line => line.Id.Name == "DirectTlsServesNobody");
        Assert.Contains("http://127.0.0.1:0", line.Message);
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(505, (await connection.ReadResponseAsync()).Status);
    }

    [Fact]
    public async Task Http1OnlyEndpoint_AfterUpgrade_H2IsStillRefused()
    {
        await using var server = await UpgradeServer.StartAsync(endpoint: endpoint => endpoint.Protocols = HttpProtocols.Http1);
        await using var connection = await server.ConnectAsync();
        Assert.Equal(120, await connection.UpgradeRefusedAsync(alpn: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]));
    }

    private static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
    });
}
