using System.Buffers.Text;
using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>The handshake after the 101 (requirements C-58 to C-62, A-29).</summary>
public sealed class TlsTests
{
    /// <summary>The canonical form of the client's requests, which have no field but Host that counts.</summary>
    private static string BoundMark(string head)
    {
        var lines = head.Split("\r\n");
        var canonical = $"{lines[0][..lines[0].LastIndexOf(' ')]}\nhost:{lines[1]["Host: ".Length..]}\n"
            + (lines[2].StartsWith("User-Agent: ", StringComparison.Ordinal) ? $"user-agent:{lines[2]["User-Agent: ".Length..]}\n" : "");
        return "http/1.1-upgraded=" + Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)));
    }

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
    public async Task C61_C62_ClientHello_OffersTheMarksAndHttp11AndTls12And13()
    {
        var (_, server) = await UpgradeAsync("a.test", options => options.SslOptions.ApplicationProtocols = [SslApplicationProtocol.Http11]);
        var hello = Encoding.Latin1.GetString(server.Connections[0].Wire.Received)[server.Heads[0].Length..];
        var mark = BoundMark(server.Heads[0]);
        Assert.Equal(0x3d, mark.Length);

        // application_layer_protocol_negotiation, and supported_versions.
        Assert.Contains($"\x00\x10\x00\x5b\x00\x59\x3d{mark}\x11http/1.1-upgraded\x08http/1.1", hello);
        Assert.Contains("\x00\x2b\x00\x05\x04\x03\x04\x03\x03", hello);
        Assert.Equal("http/1.1-upgraded", server.Connections[0].Tls!.NegotiatedApplicationProtocol.ToString());
    }

    /// <summary>The server selects what it likes of the offer, or nothing. What it says of the request is shown.</summary>
    [Theory]
    [InlineData("bound", true)]
    [InlineData("http/1.1-upgraded", false)]
    [InlineData("http/1.1", false)]
    [InlineData("h2, http/1.1", false)]
    [InlineData("", false)]
    public async Task C61_SelectedProtocol_TellsWhetherTheRequestIsConfirmed(string protocols, bool isConfirmed)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            await connection.SendAsync(ScriptedConnection.Switching);
            await connection.StartTlsAsync(options => options.ApplicationProtocols = protocols switch
            {
                "" => null,
                "bound" => [new(BoundMark(head))],
                _ => [.. protocols.Split(", ").Select(static id => new SslApplicationProtocol(id))],
            });
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(server.Uri, TestContext.Current.CancellationToken);
            Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
            Assert.Equal(isConfirmed, response.GetTlsUpgradeInfo().IsRequestConfirmed);
        }

        var selected = Assert.Single(server.Connections).Tls!.NegotiatedApplicationProtocol.ToString();
        Assert.Equal(protocols == "bound" ? BoundMark(server.Heads[0]) : protocols.Split(", ")[^1], selected);
    }

    /// <summary>Nobody but a server that got another request has this id.</summary>
    [Fact]
    public async Task C61_ServerThatGotAnotherRequest_Fails()
    {
        await using var server = new ScriptedServer(connection => connection.UpgradeAndAnswerAsync(
            configure: options => options.ApplicationProtocols = [new(BoundMark("GET /evil HTTP/1.1\r\nHost: a.test\r\n\r\n"))]));
        using var client = TestClient.Create();
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri, TestContext.Current.CancellationToken));
        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
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
        Assert.Contains($"\r\nUpgrade: {token}, http/1.1-upgraded\r\n", server.Heads[0]);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    [SupportedOSPlatform("windows")]
    public async Task C62_A29_Renegotiation_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "A server cannot renegotiate there.");
        Exception? refusal = null;
        var answered = new TaskCompletionSource();
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
                await answered.Task;
                refusal = await Record.ExceptionAsync(() => connection.Tls!.NegotiateClientCertificateAsync());
                return;
            }

            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using (var client = TestClient.Create(configure: options => options.SslOptions.AllowRenegotiation = true))
        {
            (await client.GetAsync(server.Uri)).Dispose();
            answered.SetResult();

            // The idle connection is read from when the pool looks at it, which the next request makes it do.
            await Record.ExceptionAsync(() => client.GetAsync(server.Uri + "next"));
        }

        await server.EndedAsync();
        Assert.NotNull(refusal);
    }
}
