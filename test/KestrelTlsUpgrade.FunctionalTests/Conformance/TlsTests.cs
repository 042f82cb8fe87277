using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-23 and S-51 to S-60: TLS, after an upgrade and from the first byte.</summary>
public sealed class TlsTests
{
    private static readonly SslApplicationProtocol Aware = new(TlsUpgradeProtocol.AlpnProtocolId);

    [Theory, MemberData(nameof(Starts))]
    public async Task S51_ObsoleteVersions_Refused(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        foreach (var hello in new[] { HelloText.OfTls11, HelloText.OfSsl3 })
        {
            await using var connection = await ReadyForTlsAsync(server, start);
            await connection.SendAsync(hello);
            var answer = await connection.ReadToEndAsync();
            Assert.True(answer.Length == 0 || answer[0] == 0x15, "Only an alert may follow.");
        }
    }

    [Theory, MemberData(nameof(Starts))]
    public async Task S52_Versions_Tls12ServedAndTls13Preferred(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        foreach (var (offered, chosen) in new[]
        {
            (SslProtocols.Tls12, SslProtocols.Tls12),
            (SslProtocols.Tls13, SslProtocols.Tls13),
            (SslProtocols.Tls12 | SslProtocols.Tls13, SslProtocols.Tls13),
        })
        {
            await using var connection = await ReadyForTlsAsync(server, start);
            await connection.StartTlsAsync(versions: offered);
            Assert.Equal(chosen, connection.Tls!.SslProtocol);
            await ReadAnswerAsync(connection, start);
        }
    }

    [Theory, MemberData(nameof(Starts))]
    public async Task S53_WeakCipherSuites_Refused(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.DirectTls = DirectTlsMode.Any;
            options.Https.ServerCertificate = TestCertificates.Rsa;
        });

        // NULL_SHA, RC4_128_SHA, 3DES_EDE_CBC_SHA, DES_CBC_SHA
        await using var weak = await ReadyForTlsAsync(server, start);
        await weak.SendAsync(HelloText.OfTls12(0x00, 0x02, 0x00, 0x05, 0x00, 0x0A, 0x00, 0x09));
        var refusal = await weak.ReadBytesToEndAsync();
        Assert.True(refusal.Length == 0 || refusal[0] == 0x15, "Only an alert may follow.");

        // A static RSA suite before a forward secret one.
        await using var mixed = await ReadyForTlsAsync(server, start);
        await mixed.SendAsync(HelloText.OfTls12(0x00, 0x9C, 0xC0, 0x2F));
        var serverHello = await mixed.ReadAsync(5 + 4 + 2 + 32 + 1);
        Assert.Equal(0x16, serverHello[0]);
        Assert.Equal([0xC0, 0x2F, 0x00], (await mixed.ReadAsync(serverHello[^1] + 3))[^3..]);
    }

    [Theory, MemberData(nameof(Starts))]
    public async Task S54_Compression_IsNull(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.DirectTls = DirectTlsMode.Any;
            options.Https.ServerCertificate = TestCertificates.Rsa;
        });
        await using var connection = await ReadyForTlsAsync(server, start);
        await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2F));
        var serverHello = await connection.ReadAsync(5 + 4 + 2 + 32 + 1);
        Assert.Equal(0x00, (await connection.ReadAsync(serverHello[^1] + 3))[^1]);
    }

    [Theory, MemberData(nameof(Starts))]
    public async Task S56_A26_NoCommonApplicationProtocol_Alert120(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        foreach (var protocol in new[] { "bogus", "ftp" })
        {
            await using var connection = await ReadyForTlsAsync(server, start);
            var before = connection.Wire.Received.Length;
            await Assert.ThrowsAsync<AuthenticationException>(() => connection.StartTlsAsync(alpn: [new(protocol)]));
            Assert.Equal([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 120], connection.Wire.Received[before..][..7]);
        }
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    public async Task S57_AfterUpgrade_H2RefusedAndOthersAccepted(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.PassOptionsAsterisk = true);
        foreach (var alpn in new SslApplicationProtocol[][]
        {
            [SslApplicationProtocol.Http2], [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            [SslApplicationProtocol.Http11, SslApplicationProtocol.Http2], [Aware, SslApplicationProtocol.Http2],
        })
        {
            await using var refused = await ReadyForTlsAsync(server, start);
            Assert.Equal(120, await refused.StartTlsRefusedAsync(alpn: alpn));
        }

        foreach (var (alpn, isAware) in new (SslApplicationProtocol[]?, bool)[]
        {
            (null, false), ([SslApplicationProtocol.Http11], false), ([Aware], true), ([SslApplicationProtocol.Http11, Aware], true),
        })
        {
            // The plain mark is bound to no request, so it is enough for one that asks for nothing only.
            await using var accepted = await ReadyForTlsAsync(server, start, isAware ? HintedOptions : null);
            await accepted.StartTlsAsync(alpn: alpn);
            Assert.Contains($"aware={isAware}", (await accepted.ReadResponseAsync()).Content);
        }
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    public async Task AwareOnly_AcceptsTheMarkAndNothingElse(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.AcceptedClients = TlsUpgradeClientMode.AwareOnly;
            options.PassOptionsAsterisk = true;
        });
        foreach (var alpn in new SslApplicationProtocol[]?[]
        {
            null, [SslApplicationProtocol.Http11], [SslApplicationProtocol.Http2], [Aware, SslApplicationProtocol.Http2],
        })
        {
            await using var refused = await ReadyForTlsAsync(server, start, HintedOptions);
            Assert.Equal(120, await refused.StartTlsRefusedAsync(alpn: alpn ?? []));
        }

        await using var accepted = await ReadyForTlsAsync(server, start, HintedOptions);
        await accepted.StartTlsAsync(alpn: [Aware, SslApplicationProtocol.Http11]);
        Assert.Contains("aware=True", (await accepted.ReadResponseAsync()).Content);
    }

    /// <summary>The ClientHello of a renegotiation would be judged by nobody.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renegotiation_AskedForByTheClient_IsRefused(bool isAllowedByCallback)
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            if (isAllowedByCallback)
            {
                options.HandshakeCallback = new()
                {
                    OnConnection = static _ => new(new SslServerAuthenticationOptions
                    {
                        ServerCertificate = TestCertificates.Server,
                        AllowRenegotiation = true,
                    }),
                };
            }
        });
        await using var relay = new UpgradingRelay(server.EndPoint, Request(), later: false);
        var (_, output) = await Peers.RunAsync(
            "R\n", "openssl", "s_client", "-connect", $"127.0.0.1:{relay.Port}", "-servername", "localhost", "-tls1_2", "-msg");
        Assert.Contains("RENEGOTIATING", output);
        Assert.Equal(2, output.Split(", ClientHello\n").Length - 1);
        Assert.Equal(1, output.Split(", ServerHello\n").Length - 1);
    }

    [Theory, MemberData(nameof(Starts))]
    public async Task S60_ClearTextAndSwitch_CarryNoTransportSecurity(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.DirectTls = DirectTlsMode.Any,
            app: app =>
            {
                app.UseHsts();
                UpgradeServer.Describe(app);
            },
            services: services => services.AddHsts(options => options.ExcludedHosts.Clear()));
        await using var connection = await server.ConnectAsync();
        if (start is not TlsStart.Direct)
        {
            await connection.SendAsync("GET /clear HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Null((await connection.ReadResponseAsync())["Strict-Transport-Security"]);
            Assert.Null((await connection.UpgradeAsync())["Strict-Transport-Security"]);
        }
        else
        {
            await connection.StartTlsAsync();
            await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }

        Assert.NotNull((await connection.ReadResponseAsync())["Strict-Transport-Security"]);
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    public async Task S35_A30_OfferInsideTls_Ignored(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await ReadyForTlsAsync(server, start);
        await connection.StartTlsAsync();
        await connection.ReadResponseAsync();
        foreach (var request in new[] { Request(target: "/again"), Request("OPTIONS", "*") })
        {
            await connection.SendAsync(request);
            var response = await connection.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            Assert.Null(response["Upgrade"]);
        }
    }

    private static string HintedOptions => Request("OPTIONS", "*", token: HintedToken);

    private static async Task<RawConnection> ReadyForTlsAsync(UpgradeServer server, TlsStart start, string? request = null)
    {
        var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        if (start is not TlsStart.Direct)
        {
            await connection.SendAsync(request ?? Request());
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        }

        return connection;
    }

    private static async Task ReadAnswerAsync(RawConnection connection, TlsStart start)
    {
        if (start is TlsStart.Direct)
        {
            await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }

        Assert.StartsWith("GET /x scheme=https", (await connection.ReadResponseAsync()).Content);
    }

    public static TheoryData<TlsStart> Starts => [.. Enum.GetValues<TlsStart>()];
}
