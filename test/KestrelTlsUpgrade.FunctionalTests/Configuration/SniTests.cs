using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.FunctionalTests.Observation;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KestrelTlsUpgrade.FunctionalTests.Configuration;

/// <summary>Several certificates, and settings by server name, on the one port.</summary>
public sealed class SniTests : IDisposable
{
    private readonly CertificateFiles _files = new();

    public void Dispose() => _files.Dispose();

    public static TheoryData<string, TlsStart, bool, string?> Names { get; } =
    [
        .. from host in new[] { ("a.test", "CN=a.test"), ("b.test", "CN=b.test"), ("x.c.test", "CN=*.c.test"), ("y.x.c.test", "CN=*.c.test"), ("A.TEST", "CN=a.test") }
           from start in Enum.GetValues<TlsStart>()
           from hasServerName in new[] { true, false }

           // Without a server name, a certificate for more hosts than one does not tell whom the client wants.
           where hasServerName || (start is not TlsStart.Direct && !host.Item2.Contains('*'))
           select new TheoryDataRow<string, TlsStart, bool, string?>(host.Item1, start, hasServerName, host.Item2),
    ];

    /// <summary>By the server name of the client, or by the host of the request in clear text where it sends none.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task S46_Name_GetsItsCertificate(string host, TlsStart start, bool hasServerName, string? certificate)
    {
        await using var server = await StartAsync();
        await using var connection = await OpenAsync(server, start, host, hasServerName ? host : null);
        Assert.Equal(certificate, connection.Tls!.RemoteCertificate!.Subject);
        Assert.Contains($"host={host}", (await AskAsync(connection, start, host)).Content, StringComparison.Ordinal);
    }

    /// <summary>As Kestrel: a name without settings is refused, unless there are some for all other names.</summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest, "other.test")]
    [InlineData(TlsStart.FirstRequest, null)]
    [InlineData(TlsStart.LaterRequest, "other.test")]
    [InlineData(TlsStart.LaterRequest, null)]
    [InlineData(TlsStart.Direct, "other.test")]
    [InlineData(TlsStart.Direct, null)]
    public async Task S48_OtherName_RefusedUnlessThereIsOneForAll(TlsStart start, string? serverName)
    {
        await using (var server = await StartAsync())
        {
            await Assert.ThrowsAnyAsync<Exception>(() => OpenAsync(server, start, "other.test", serverName));
        }

        using var other = TestCertificates.Create("other.test", "1.3.6.1.5.5.7.3.1", includeAddresses: false, "other.test");
        await using var lenient = await StartAsync($"Sni:*:Certificate:Path={_files.WritePfx("all.pfx", other)}");
        await using var connection = await OpenAsync(lenient, start, "other.test", serverName);
        Assert.Equal(other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(200, (await AskAsync(connection, start, "other.test")).Status);
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    [InlineData(TlsStart.Direct)]
    public async Task SslProtocols_OfTheName_GoOverThoseForAll(TlsStart start)
    {
        await using var server = await StartAsync("SslProtocols=Tls13", "Sni:b.test:SslProtocols=Tls12");
        await using (var a = await OpenAsync(server, start, "a.test", "a.test"))
        {
            Assert.Equal(SslProtocols.Tls13, a.Tls!.SslProtocol);
        }

        await using (var b = await OpenAsync(server, start, "b.test", "b.test"))
        {
            Assert.Equal(SslProtocols.Tls12, b.Tls!.SslProtocol);
        }
    }

    /// <summary>
    /// What a name asks for holds for its requests, however the connection was made: a client that sends no server name, or a
    /// handshake for another name, does not get around a client certificate.
    /// </summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest, true)]
    [InlineData(TlsStart.FirstRequest, false)]
    [InlineData(TlsStart.LaterRequest, true)]
    [InlineData(TlsStart.LaterRequest, false)]
    [InlineData(TlsStart.Direct, true)]
    public async Task A24_ClientCertificateOfTheName_IsRequired(TlsStart start, bool hasServerName)
    {
        await using var server = await StartAsync("Sni:a.test:ClientCertificateMode=RequireCertificate");
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var without = await OpenAsync(server, start, "a.test", hasServerName ? "a.test" : null);
            Assert.NotEqual(0, (await AskAsync(without, start, "a.test")).Status);
        });
        await using var with = await OpenAsync(server, start, "a.test", hasServerName ? "a.test" : null, TestCertificates.Client);
        await AskAsync(with, start, "a.test");
        await with.SendAsync("GET /later HTTP/1.1\r\nHost: a.test\r\n\r\n");
        Assert.Contains("certificate=CN=client", (await with.ReadResponseAsync()).Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    [InlineData(TlsStart.Direct)]
    public async Task A24_HostWithOtherTermsThanTheHandshakes_Misdirected(TlsStart start)
    {
        await using var server = await StartAsync(
            "Sni:a.test:ClientCertificateMode=RequireCertificate", "Sni:*.c.test:SslProtocols=Tls13");
        await using var connection = await OpenAsync(server, start, "b.test", "b.test");
        await AskAsync(connection, start, "b.test");
        foreach (var (host, status) in new[] { ("a.test", 421), ("A.test:80", 421), ("x.c.test", 421), ("b.test", 200), ("other.test", 200), ("127.0.0.1", 200) })
        {
            await connection.SendAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
            Assert.Equal((host, status), (host, (await connection.ReadResponseAsync()).Status));
        }
    }

    [Fact]
    public async Task A24_Misdirected_IsCountedAndLogged()
    {
        await using var server = await StartAsync("Sni:a.test:ClientCertificateMode=RequireCertificate");
        using var refusals = new Measurements<long>(server, "tls_upgrade.server.refusals");
        await using var connection = await OpenAsync(server, TlsStart.Direct, "b.test", "b.test");
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
        Assert.Equal(421, (await connection.ReadResponseAsync()).Status);
        Assert.Equal(["http.response.status_code=421"], await refusals.WaitForAsync(1));
        Assert.Equal(LogLevel.Debug, (await server.Log.WaitForAsync(static line => line.Id.Name is "Misdirected")).Level);
    }

    /// <summary>Kestrel takes a server name as it came: with a dot at its end it is another one, and the terms are those of all others.</summary>
    [Theory]
    [InlineData("a.test")]
    [InlineData("a.test.")]
    [InlineData("b.test")]
    [InlineData("b.test.")]
    [InlineData("ａ.test")]
    public async Task A24_OtherSpellingsOfTheServerName_DoNotGetAroundTheCertificate(string serverName)
    {
        await using var server = await StartAsync(
            "Sni:a.test:ClientCertificateMode=RequireCertificate", $"Sni:*:Certificate:Path={_files.WritePfx("all.pfx", TestCertificates.Server)}");
        foreach (var host in new[] { "a.test", "a.test.", "A.Test" })
        {
            var (_, output) = await Peers.RunAsync(
                $"GET /secret HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
                "openssl",
                "s_client", "-connect", $"127.0.0.1:{server.Port}", "-servername", serverName, "-quiet", "-ign_eof");
            Assert.DoesNotContain("GET /secret", output, StringComparison.Ordinal);
        }
    }

    /// <summary>Names may be written in A-labels, as certificates have them, though SslStream tells them in U-labels.</summary>
    [Theory]
    [InlineData("xn--bcher-kva.test", TlsStart.FirstRequest)]
    [InlineData("xn--bcher-kva.test", TlsStart.LaterRequest)]
    [InlineData("xn--bcher-kva.test", TlsStart.Direct)]
    [InlineData("bücher.test", TlsStart.FirstRequest)]
    [InlineData("bücher.test", TlsStart.LaterRequest)]
    [InlineData("bücher.test", TlsStart.Direct)]
    [InlineData("*.xn--bcher-kva.test", TlsStart.Direct)]
    [InlineData("*.BÜCHER.test", TlsStart.LaterRequest)]
    public async Task InternationalName_InBothSpellings_GetsItsSettings(string key, TlsStart start)
    {
        await using var server = await StartAsync(
            $"Sni:{key}:Certificate:Path={_files.WritePfx("idn.pfx", TestCertificates.Other)}",
            $"Sni:{key}:SslProtocols=Tls12",
            $"Sni:*:Certificate:Path={_files.WritePfx("all.pfx", TestCertificates.Server)}");
        var host = key.StartsWith('*') ? "x.xn--bcher-kva.test" : "xn--bcher-kva.test";
        await using var connection = await OpenAsync(server, start, host, host);
        Assert.Equal(TestCertificates.Other.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(SslProtocols.Tls12, connection.Tls.SslProtocol);
        Assert.Equal(200, (await AskAsync(connection, start, host)).Status);
    }

    [Fact]
    public async Task OneNameInTwoSpellings_FailsTheStart()
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ConfiguredServer.StartAsync(
            [.. Settings(), "TlsUpgrade:Sni:xn--bcher-kva.test:Protocols=Http1", "TlsUpgrade:Sni:bücher.test:Protocols=Http1"]));
        Assert.Contains("TlsUpgrade:Sni has more than one entry for bücher.test. Keep one.", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The terms are the connection's, whatever scheme the application makes of a request.</summary>
    [Fact]
    public async Task A24_SchemeFromForwardedHeaders_IsNoWayAround()
    {
        await using var server = await StartAsync(
            builder => builder.Services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, TrustingFilter>()),
            "Sni:a.test:ClientCertificateMode=RequireCertificate");
        await using var connection = await OpenAsync(server, TlsStart.Direct, "b.test", "b.test");
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-Proto: http\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n");
        Assert.Equal(421, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A24_OverHttp2_IsNoWayAround(bool hasOtherScheme)
    {
        await using var server = await StartAsync(
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.AllowAlternateSchemes = true),
            "Sni:a.test:ClientCertificateMode=RequireCertificate");
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = await server.ConnectAsync();
                await connection.StartTlsAsync("b.test", [SslApplicationProtocol.Http2]);
                return connection.Tls!;
            },
        };
        using var client = new HttpClient(handler);

        // Over prior knowledge the scheme is http, though the connection is TLS.
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://b.test/x")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { Host = hasOtherScheme ? "a.test" : "b.test" },
        };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(hasOtherScheme ? HttpStatusCode.MisdirectedRequest : HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>A token is judged by the versions of the host's own settings.</summary>
    [Theory]
    [InlineData("a.test", "TLS/1.2", "101", false)]
    [InlineData("a.test", "TLS/1.3", "200", false)]
    [InlineData("b.test", "TLS/1.2", "200", false)]
    [InlineData("b.test", "TLS/1.3", "101", false)]
    [InlineData("a.test", "TLS/1.2", "101", true)]
    [InlineData("b.test", "TLS/1.2", "200", true)]
    public async Task StrictTokens_GoByTheVersionsOfTheName(string host, string token, string status, bool later)
    {
        await using var server = await StartAsync("StrictTokens=true", "SslProtocols=Tls13", "Sni:a.test:SslProtocols=Tls12");
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(RawConnectionUpgradeExtensions.Request(host: host, token: token));
        Assert.Equal(status, $"{(await connection.ReadResponseAsync()).Status}");
    }

    /// <summary>Names with the same terms may share a connection, as browsers have theirs do over HTTP/2.</summary>
    [Fact]
    public async Task HostWithTheSameTerms_IsServed()
    {
        await using var server = await StartAsync();
        await using var connection = await OpenAsync(server, TlsStart.FirstRequest, "a.test", "a.test");
        await AskAsync(connection, TlsStart.FirstRequest, "a.test");
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: b.test\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A10_H2AfterAnUpgrade_NoApplicationData(bool later)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        Assert.Equal(120, await connection.UpgradeRefusedAsync(
            RawConnectionUpgradeExtensions.Request(host: "a.test"), "a.test", SslApplicationProtocol.Http2, SslApplicationProtocol.Http11));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S47_OtherServerNameThanTheHost_Refused(bool later)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        Assert.Equal(112, await connection.UpgradeRefusedAsync(RawConnectionUpgradeExtensions.Request(host: "a.test"), "b.test"));
    }

    /// <summary>What code says of all names does not undo what the configuration says of one.</summary>
    [Fact]
    public async Task CodeForAllNames_IsTheFallback()
    {
        await using var server = await ConfiguredServer.StartAsync(
            [.. Settings(), "TlsUpgrade:Sni:d.test:ClientCertificateMode=NoCertificate"],
            options =>
            {
                options.Https.ServerCertificate = TestCertificates.Server;
                options.Https.ClientCertificateMode = Microsoft.AspNetCore.Server.Kestrel.Https.ClientCertificateMode.RequireCertificate;
            });
        await using var connection = await OpenAsync(server, TlsStart.FirstRequest, "d.test", "d.test");
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>A callback from code is asked for every name, upgraded or not: it stands in the place of all of that.</summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    [InlineData(TlsStart.Direct)]
    public async Task HandshakeCallback_GoesOverNames(TlsStart start)
    {
        await using var server = await ConfiguredServer.StartAsync(
            [.. Settings(), "TlsUpgrade:DirectTls=Any"],
            options => options.HandshakeCallback = new()
            {
                OnConnection = _ => new(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }),
            });
        await using var connection = await OpenAsync(server, start, "a.test", "a.test");
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(200, (await AskAsync(connection, start, "a.test")).Status);
        var line = Assert.Single(server.Log.Lines, static line => line.Id.Name is "CallbackGoesOver");
        Assert.EndsWith("which overrides TlsUpgrade:Sni: these settings have no effect.", line.Message, StringComparison.Ordinal);
    }

    /// <summary>A selector from code chooses for the names that have no certificate in the configuration.</summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest, true)]
    [InlineData(TlsStart.FirstRequest, false)]
    [InlineData(TlsStart.LaterRequest, false)]
    [InlineData(TlsStart.Direct, true)]
    public async Task CertificateSelector_ForNamesWithoutCertificate(TlsStart start, bool hasServerName)
    {
        using var certificate = TestCertificates.Create("d.test", "1.3.6.1.5.5.7.3.1", includeAddresses: false, "d.test");
        await using var server = await ConfiguredServer.StartAsync(
            [.. Settings(), "TlsUpgrade:DirectTls=Any", "TlsUpgrade:Sni:d.test:Protocols=Http1"],
            options => options.Https.ServerCertificateSelector = (_, name) => name == "d.test" ? certificate : TestCertificates.Server);
        await using var d = await OpenAsync(server, start, "d.test", hasServerName ? "d.test" : null);
        Assert.Equal(certificate.Thumbprint, d.Tls!.RemoteCertificate!.GetCertHashString());
        await using var a = await OpenAsync(server, start, "a.test", hasServerName ? "a.test" : null);
        Assert.Equal("CN=a.test", a.Tls!.RemoteCertificate!.Subject);
    }

    [Fact]
    public async Task NameWithoutCertificate_AndNoneForAll_FailsTheStart()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ConfiguredServer.StartAsync([.. Settings(), "TlsUpgrade:Sni:d.test:Protocols=Http1"]));
        Assert.Contains("has no certificate for d.test. Set", failure.Message, StringComparison.Ordinal);
    }

    private Task<UpgradeServer> StartAsync(params string[] settings) => StartAsync(null, settings);

    private Task<UpgradeServer> StartAsync(Action<WebApplicationBuilder>? configure, params string[] settings) => ConfiguredServer.StartAsync(
        [.. Settings(), "TlsUpgrade:DirectTls=Any", .. settings.Select(setting => $"TlsUpgrade:{setting}")],
        configure: builder =>
        {
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureHttpsDefaults(https => https.AllowAnyClientCertificate()));
            configure?.Invoke(builder);
        });

    private string[] Settings() =>
    [
        "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
        .. new[] { "a.test", "b.test", "*.c.test" }.Select(name => $"TlsUpgrade:Sni:{name}:Certificate:Path={Write(name)}"),
    ];

    private string Write(string name)
    {
        using var certificate = TestCertificates.Create(name, "1.3.6.1.5.5.7.3.1", includeAddresses: false, name);
        return _files.WritePfx($"{name.Replace('*', '_')}.pfx", certificate);
    }

    private static async Task<RawConnection> OpenAsync(
        UpgradeServer server, TlsStart start, string host, string? serverName, X509Certificate2? certificate = null)
    {
        var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        try
        {
            if (start is not TlsStart.Direct)
            {
                await connection.SendAsync(RawConnectionUpgradeExtensions.Request(host: host));
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            }

            await connection.StartTlsAsync(serverName, configure: options => options.Present(certificate));
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The answer to the request that asked for the upgrade, or to one that is sent now.</summary>
    private static async Task<RawResponse> AskAsync(RawConnection connection, TlsStart start, string host)
    {
        if (start is TlsStart.Direct)
        {
            await connection.SendAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
        }

        return await connection.ReadResponseAsync();
    }
}
