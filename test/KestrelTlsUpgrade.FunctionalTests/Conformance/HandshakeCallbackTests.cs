using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>TLS settings that the application decides on for each ClientHello.</summary>
public sealed class HandshakeCallbackTests
{
    [Theory]
    [InlineData("b.test", null)]
    [InlineData("b.test", "b.test")]
    [InlineData("localhost", null)]
    [InlineData("localhost", "localhost")]
    public async Task S46_Certificate_ByServerNameOrHostOfTheClearRequest(string host, string? serverName)
    {
        await using var server = await StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(Request(host: host), serverName);
            Assert.Equal(
                (host == "b.test" ? TestCertificates.Other : TestCertificates.Server).GetCertHashString(),
                connection.Tls!.RemoteCertificate!.GetCertHashString());
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task S47_ServerNameIsNotTheHost_ClosedWithoutApplicationData()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        Assert.Equal(112, await connection.UpgradeRefusedAsync(Request(host: "localhost"), "b.test"));
    }

    [Fact]
    public async Task S57_OneSettingsObjectForAll_AlpnRulesHoldForEachConnection()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await using var spliced = await server.ConnectAsync();
            Assert.Equal(120, await spliced.UpgradeRefusedAsync(alpn: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]));

            await using var direct = await server.ConnectAsync();
            await direct.StartTlsAsync(alpn: [new(TlsUpgradeProtocol.AlpnProtocolId), SslApplicationProtocol.Http11]);
            Assert.Equal(SslApplicationProtocol.Http11, direct.Tls!.NegotiatedApplicationProtocol);
        }
    }

    [Fact]
    public async Task S51_NoVersionNamed_Tls12AndTls13()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        await connection.SendAsync(HelloText.OfTls11);
        var answer = await connection.ReadBytesToEndAsync();
        Assert.True(answer.Length == 0 || answer[0] == 0x15);
    }

    [Fact]
    public async Task NoServerNameAndNoUpgrade_CallbackIsToldSo()
    {
        await using var server = await StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync(serverName: null);
        Assert.Equal(TestCertificates.Server.GetCertHashString(), connection.Tls!.RemoteCertificate!.GetCertHashString());
    }

    [Fact]
    public async Task HandshakeTimeout_IsTheCallbacks()
    {
        await using var server = await StartAsync(TimeSpan.FromMilliseconds(200));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task NoHandshakeTimeout_IsUpgraded()
    {
        await using var server = await StartAsync(Timeout.InfiniteTimeSpan);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>The settings are made once, as an application with many connections would.</summary>
    private static Task<UpgradeServer> StartAsync(TimeSpan? timeout = null)
    {
        var ours = new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server };
        var others = new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Other };
        return UpgradeServer.StartAsync(options => options.HandshakeCallback = new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = timeout ?? TimeSpan.FromSeconds(10),
            OnConnectionState = "state",
            OnConnection = context =>
            {
                Assert.Equal("state", context.State);
                return new(context.GetServerName() == "b.test" ? others : ours);
            },
        });
    }
}
