using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Hosting;

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
           where hasServerName || start is not TlsStart.Direct
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

        await using var lenient = await StartAsync($"Sni:*:Certificate:Path={_files.WritePfx("all.pfx", TestCertificates.Server)}");
        await using var connection = await OpenAsync(lenient, start, "other.test", serverName);
        Assert.Equal(TestCertificates.Server.Thumbprint, connection.Tls!.RemoteCertificate!.GetCertHashString());
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
        await connection.UpgradeAsync(
            RawConnectionUpgradeExtensions.Request(host: "a.test"), "a.test", SslApplicationProtocol.Http2, SslApplicationProtocol.Http11);
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S47_OtherServerNameThanTheHost_Refused(bool later)
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(RawConnectionUpgradeExtensions.Request(host: "a.test"), "b.test");
        Assert.Equal("", await connection.ReadToEndAsync());
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
        await using var connection = await OpenAsync(server, TlsStart.FirstRequest, "d.test", null);
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
    }

    /// <summary>A selector from code chooses for the names that have no certificate in the configuration.</summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest, true)]
    [InlineData(TlsStart.FirstRequest, false)]
    [InlineData(TlsStart.LaterRequest, false)]
    [InlineData(TlsStart.Direct, true)]
    public async Task CertificateSelector_ForNamesWithoutCertificate(TlsStart start, bool hasServerName)
    {
        await using var server = await ConfiguredServer.StartAsync(
            [.. Settings(), "TlsUpgrade:DirectTls=Any", "TlsUpgrade:Sni:d.test:Protocols=Http1"],
            options => options.Https.ServerCertificateSelector = (_, name) => name == "d.test" ? TestCertificates.Other : TestCertificates.Server);
        await using var d = await OpenAsync(server, start, "d.test", hasServerName ? "d.test" : null);
        Assert.Equal(TestCertificates.Other.Thumbprint, d.Tls!.RemoteCertificate!.GetCertHashString());
        await using var a = await OpenAsync(server, start, "a.test", hasServerName ? "a.test" : null);
        Assert.Equal("CN=a.test", a.Tls!.RemoteCertificate!.Subject);
    }

    [Fact]
    public async Task NameWithoutCertificate_AndNoneForAll_FailsTheStart()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => ConfiguredServer.StartAsync([.. Settings(), "TlsUpgrade:Sni:d.test:Protocols=Http1"]));
        Assert.Contains("has no certificate", failure.Message, StringComparison.Ordinal);
    }

    private Task<UpgradeServer> StartAsync(params string[] settings) =>
        ConfiguredServer.StartAsync([.. Settings(), "TlsUpgrade:DirectTls=Any", .. settings.Select(setting => $"TlsUpgrade:{setting}")],
            configure: builder => builder.WebHost.ConfigureKestrel(kestrel =>
                kestrel.ConfigureHttpsDefaults(https => https.AllowAnyClientCertificate())));

    private string[] Settings() =>
    [
        "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
        .. new[] { "a.test", "b.test", "*.c.test" }.Select(name => $"TlsUpgrade:Sni:{name}:Certificate:Path={Write(name)}"),
    ];

    private string Write(string name)
    {
        using var certificate = TestCertificates.Create(name, "1.3.6.1.5.5.7.3.1", name);
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
