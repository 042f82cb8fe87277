using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>
/// Requirement A-34: a genuine ClientHello that somebody on the path has cut into more records says the same as before. OpenSSL puts it
/// together again, SslStream reads the first record only: between the two, a name or protocol must not get lost.
/// </summary>
public sealed class CutHelloTests : IDisposable
{
    /// <summary>How an endpoint comes to its TLS settings.</summary>
    public enum Source
    {
        Certificate,
        Selector,
        Callback,
        Names,
    }

    private readonly CertificateFiles _files = new();

    public static MatrixTheoryData<Source, TlsUpgradeClientMode> Endpoints { get; } =
        new(Enum.GetValues<Source>(), Enum.GetValues<TlsUpgradeClientMode>());

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A34_NameOfAnotherHost_RefusedInRecordsOfEverySize(Source source, TlsUpgradeClientMode clients)
    {
        await using var server = await StartAsync(source, clients);
        var request = Request(host: "evil-tenant.test", token: HintedToken);
        foreach (var size in Enumerable.Range(1, 300))
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later: size % 2 == 0);
            connection.HelloRecordSize = size;

            // An unmarked victim is refused as such where only aware clients are accepted.
            Assert.Equal(
                clients is TlsUpgradeClientMode.AwareOnly ? 120 : 112, await connection.UpgradeRefusedAsync(request, "localhost", SslApplicationProtocol.Http11));
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A34_NameOfAnotherHostWithTheMarkOfTheSwappedRequest_Refused(Source source, TlsUpgradeClientMode clients)
    {
        await using var server = await StartAsync(source, clients);
        var written = Request(token: HintedToken);
        foreach (var size in new[] { 1, 3, 4, 20, 100 })
        {
            await using var connection = await server.ConnectAsync();
            connection.HelloRecordSize = size;
            Assert.Equal(120, await connection.UpgradeRefusedAsync(
                Request(host: "evil-tenant.test", token: HintedToken), "localhost", BoundMark.ProtocolsFor(written)));
        }
    }

    /// <summary>The trap for clients of https does not get lost either.</summary>
    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A34_H2_RefusedInRecordsOfEverySize(Source source, TlsUpgradeClientMode clients)
    {
        await using var server = await StartAsync(source, clients);
        foreach (var size in Enumerable.Range(1, 100))
        {
            await using var connection = await server.ConnectAsync();
            connection.HelloRecordSize = size;
            Assert.Equal(120, await connection.UpgradeRefusedAsync(
                Request(token: HintedToken), "localhost", SslApplicationProtocol.Http2, SslApplicationProtocol.Http11));
        }
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task A34_HonestClient_ServedInRecordsOfEverySize(Source source, TlsUpgradeClientMode clients)
    {
        await using var server = await StartAsync(source, clients);
        var request = Request(token: HintedToken);
        foreach (var size in Enumerable.Range(1, 300).Where(size => size < 20 || size % 10 == 0))
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later: size % 2 == 0);
            connection.HelloRecordSize = size;
            await connection.UpgradeAsync(request, "localhost", BoundMark.ProtocolsFor(request));
            Assert.Equal(BoundMark.Of(request), connection.Tls!.NegotiatedApplicationProtocol);
            Assert.Contains("aware=True", (await connection.ReadResponseAsync()).Content);
        }
    }

    /// <summary>A resumed session is judged by the ClientHello that resumes it.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A34_ResumedSession_IsJudgedByItsOwnHello(SslProtocols version)
    {
        await using var server = await StartAsync(Source.Certificate, TlsUpgradeClientMode.Compatible);
        var resumes = 0;
        for (var i = 0; i < 4; i++)
        {
            await using var honest = await server.ConnectAsync();
            await honest.SendAsync(Request());
            await honest.ReadResponseAsync();
            await honest.StartTlsAsync(versions: version, configure: options => options.AllowTlsResume = true);
            Assert.Equal(200, (await honest.ReadResponseAsync()).Status);

            await using var spliced = await server.ConnectAsync();
            spliced.HelloRecordSize = 20;
            await spliced.SendAsync(Request(host: "evil-tenant.test"));
            Assert.Equal(101, (await spliced.ReadResponseAsync()).Status);
            await Assert.ThrowsAsync<AuthenticationException>(() => spliced.StartTlsAsync(versions: version));
            resumes += OffersSession(spliced.Wire.Sent, version) ? 1 : 0;
        }

        Assert.True(resumes > 0, "No session was offered for resumption.");
    }

    /// <summary>On direct TLS, a cut hello finds its certificate.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task DirectTls_CutHello_GetsTheCertificateOfItsName(int size)
    {
        await using var server = await StartAsync(Source.Selector, TlsUpgradeClientMode.Compatible);
        await using var connection = await server.ConnectAsync();
        connection.HelloRecordSize = size;
        await connection.StartTlsAsync("b.test", [SslApplicationProtocol.Http2]);
        Assert.Equal(TestCertificates.Other.GetCertHashString(), connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(SslApplicationProtocol.Http2, connection.Tls.NegotiatedApplicationProtocol);
    }

    /// <summary>Whether the ClientHello resumes a session: by pre_shared_key in TLS 1.3, by a ticket or a session id in TLS 1.2.</summary>
    private static bool OffersSession(byte[] sent, SslProtocols version)
    {
        var records = sent.AsSpan(sent.AsSpan().IndexOf("\r\n\r\n"u8) + 4);
        var message = new List<byte>();
        while (records is [0x16, _, _, var high, var low, ..])
        {
            var length = high << 8 | low;
            message.AddRange(records.Slice(5, length));
            records = records[(5 + length)..];
        }

        var type = version is SslProtocols.Tls13 ? 0x29 : 0x23;
        var rest = message.ToArray().AsSpan(4 + 2 + 32);
        rest = rest[(1 + rest[0])..];
        rest = rest[(2 + (rest[0] << 8 | rest[1]))..];
        rest = rest[(1 + rest[0] + 2)..];
        while (!rest.IsEmpty)
        {
            var length = rest[2] << 8 | rest[3];
            if ((rest[0] << 8 | rest[1]) == type && length > 0)
            {
                return true;
            }

            rest = rest[(4 + length)..];
        }

        return false;
    }

    private Task<UpgradeServer> StartAsync(Source source, TlsUpgradeClientMode clients) => source is Source.Names
        ? ConfiguredServer.StartAsync(
        [
            "Kestrel:Endpoints:Web:Url=http://127.0.0.1:0",
            $"TlsUpgrade:AcceptedClients={clients}",
            .. new[] { "localhost", "evil-tenant.test", "*" }.Select(name =>
                $"TlsUpgrade:Sni:{name}:Certificate:Path={_files.WritePfx("server.pfx", TestCertificates.Server)}"),
        ])
        : UpgradeServer.StartAsync(options =>
        {
            options.AcceptedClients = clients;
            if (source is Source.Selector)
            {
                options.Https.ServerCertificateSelector = (_, name) => name == "b.test" ? TestCertificates.Other : TestCertificates.Server;
            }
            else if (source is Source.Callback)
            {
                options.HandshakeCallback = new TlsHandshakeCallbackOptions
                {
                    OnConnection = static _ => new(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }),
                };
            }
        });
}
