using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>The handshake after the 101 (requirements C-58 to C-62, A-29).</summary>
public sealed class TlsTests
{
    private static async Task<(string ServerName, ScriptedServer Server)> UpgradeAsync(string host, Action<TlsUpgradeClientOptions>? configure = null)
    {
        var serverName = "";
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAsync(configure: options =>
            {
                options.ServerCertificate = null;
                options.ServerCertificateSelectionCallback = (_, name) =>
                {
                    serverName = name ?? "";
                    return TestCertificates.Server;
                };
            });
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(configure: configure, handler: handler => handler.ConnectCallback = Connect.ToPort(server.Port));
        using var response = await client.GetAsync($"http://{host}/");
        return (serverName, server);
    }

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("A.Test", "a.test")]
    [InlineData("127.0.0.1", "")]
    [InlineData("[::1]", "")]
    public async Task C58_C59_ServerName_IsTheHost(string host, string expected)
    {
        var (serverName, server) = await UpgradeAsync(host);
        Assert.Equal(expected, serverName);
        Assert.Contains($"\r\nHost: {host.ToLowerInvariant()}\r\n", server.Heads[0]);
        if (expected.Length == 0)
        {
            // No server_name extension with an address in it either.
            Assert.DoesNotContain(host.Trim('[', ']'), Encoding.Latin1.GetString(server.Connections[0].Wire.Received)[server.Heads[0].Length..]);
        }
    }

    [Fact]
    public async Task C59_AnotherHost_OpensAnotherConnection()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(handler: handler => handler.ConnectCallback = Connect.ToPort(server.Port));
        (await client.GetAsync("http://a.test/")).Dispose();
        (await client.GetAsync("http://localhost/")).Dispose();
        Assert.Equal(2, server.Connections.Length);
        Assert.All(server.Connections, connection => Assert.Single(connection.Heads.Select(head => head.Split("Host: ")[1].Split('\r')[0]).Distinct()));
    }

    [Fact]
    public async Task C61_C62_ClientHello_OffersTheMarkAndHttp11AndTls12And13()
    {
        var (_, server) = await UpgradeAsync("a.test", options => options.SslOptions.ApplicationProtocols = [SslApplicationProtocol.Http11]);
        var hello = Encoding.Latin1.GetString(server.Connections[0].Wire.Received)[server.Heads[0].Length..];

        // application_layer_protocol_negotiation, and supported_versions.
        Assert.Contains("\x00\x10\x00\x1d\x00\x1b\x11http/1.1-upgraded\x08http/1.1", hello);
        Assert.Contains("\x00\x2b\x00\x05\x04\x03\x04\x03\x03", hello);
        Assert.Equal("http/1.1-upgraded", server.Connections[0].Tls!.NegotiatedApplicationProtocol.ToString());
    }

    [Fact]
    public async Task C61_ServerWithoutTheMark_Http11()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(configure: options =>
                options.ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(SslApplicationProtocol.Http11, server.Connections[0].Tls!.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task C61_ServerWithHttp2Only_Fails()
    {
        await using var server = new ScriptedServer(connection => connection.UpgradeAndAnswerAsync(configure: options =>
            options.ApplicationProtocols = [SslApplicationProtocol.Http2]));
        using var client = TestClient.Create();
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "TLS/1.2")]
    [InlineData(SslProtocols.Tls13, "TLS/1.3")]
    public async Task EnabledVersions_AreOfferedAndNegotiated(SslProtocols version, string token)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(configure: options => options.SslOptions.EnabledSslProtocols = version);
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(version, response.GetTlsUpgradeInfo().Protocol);
        Assert.Contains($"\r\nUpgrade: {token}\r\n", server.Heads[0]);
    }

    [Fact]
    public async Task C62_A29_Renegotiation_IsRefused()
    {
        Exception? refusal = null;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync(configure: options =>
            {
                options.EnabledSslProtocols = SslProtocols.Tls12;
                options.AllowRenegotiation = true;
            });
            await connection.ServeOnceAsync(ScriptedConnection.EmptyOk);
            if (connection.Number == 0)
            {
                refusal = await Record.ExceptionAsync(() => connection.Tls!.NegotiateClientCertificateAsync());
                return;
            }

            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using (var client = TestClient.Create(configure: options => options.SslOptions.AllowRenegotiation = true))
        {
            (await client.GetAsync(server.Uri)).Dispose();

            // The idle connection is read from when the pool looks at it, which the next request makes it do.
            await Record.ExceptionAsync(() => client.GetAsync(server.Uri + "next"));
        }

        await server.EndedAsync();
        Assert.NotNull(refusal);
    }
}
