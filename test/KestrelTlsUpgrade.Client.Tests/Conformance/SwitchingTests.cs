using System.Net;
using System.Text;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>The 101 and the switch (requirements C-08 to C-21, A-05, A-07, A-08, A-13).</summary>
public sealed class SwitchingTests
{
    private const string Forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged";

    public static TheoryData<TlsUpgradeMode> Modes { get; } = [.. Enum.GetValues<TlsUpgradeMode>()];

    [Theory]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade:\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: XTLS/1.2, TLS/9, h2c\r\n\r\n")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: http/1.1-upgraded\r\n\r\n")]
    public async Task C08_SwitchToSomethingElse_FailsAndCloses(string answer)
    {
        foreach (var mode in Enum.GetValues<TlsUpgradeMode>().Except([TlsUpgradeMode.OnDemand]))
        {
            var rest = Array.Empty<byte>();
            await using var server = new ScriptedServer(async connection =>
            {
                await connection.ReadHeadAsync();
                await connection.SendAsync(answer);
                rest = await connection.ReadToEndAsync();
            });
            using var client = TestClient.Create(mode);
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
            Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
            await server.EndedAsync();
            Assert.Empty(rest);
            Assert.Single(server.Connections);
        }
    }

    [Fact]
    public async Task C08_UnsolicitedSwitch_Fails()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(ScriptedConnection.Switching + Forged);
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        await server.EndedAsync();
    }

    [Theory]
    [InlineData("Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n", "TLS/1.2")]
    [InlineData("Upgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade\r\n", "TLS/1.2")]
    [InlineData("Upgrade: HTTP/1.1, TLS/1.2\r\n", "TLS/1.2")]
    [InlineData("Upgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\nConnection: Keep-Alive\r\n", "TLS/1.2")]
    [InlineData("upgrade: tls/1.2\r\nconnection: upgrade\r\n", "tls/1.2")]
    [InlineData("Upgrade: HTTP/1.1\r\nUpgrade: TLS\r\n", "TLS")]
    [InlineData("Upgrade: http/1.1-upgraded, TLS/1.3\r\n", "TLS/1.3")]
    [InlineData("Upgrade: TLS/1.0, HTTP/1.1\r\nConnection: Upgrade\r\n", "TLS/1.0")]
    [InlineData("Content-Length: 0\r\nUpgrade: TLS/1.2\r\n", "TLS/1.2")]
    [InlineData("Content-Length: 5\r\nUpgrade: TLS/1.2\r\n", "TLS/1.2")]
    [InlineData("Content-Length: x\r\nUpgrade: TLS/1.2\r\n", "TLS/1.2")]
    [InlineData("Content-Length: 0\r\nTransfer-Encoding: chunked\r\nUpgrade: TLS/1.2\r\n", "TLS/1.2")]
    public async Task C08_C09_C10_C13_C14_A07_A08_ToleratedSwitch_StartsTls(string fields, string token)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAsync("HTTP/1.1 101 Switching Protocols\r\n" + fields + "\r\n");
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        });
        using var client = TestClient.Create();
        using var response = await client.GetAsync(server.Uri + "x");
        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal(["OPTIONS *", "GET /x"], server.Heads.Select(head => head.Split(" HTTP")[0]));
        var info = response.GetTlsUpgradeInfo();
        Assert.Equal(token, info.Token);
        Assert.True(info.Protocol >= System.Security.Authentication.SslProtocols.Tls12);
        Assert.NotNull(info.CipherSuite);
        Assert.Equal(TestCertificates.Server.Thumbprint, info.ServerCertificate!.Thumbprint);
        Assert.False(info.IsTunnelled);
    }

    [Theory]
    [InlineData("HTTP/1.1 101\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 101 \r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.0 101 Switching Protocols\r\nUpgrade: TLS/1.2\r\n\r\n")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 101 S\r\nUpgrade: TLS/1.2\r\n\r\n")]
    public async Task C11_InterimAndUnusualHeads_StartTls(string answer)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAsync(answer);
            await connection.SendAsync("HTTP/1.1 103 Early Hints\r\n\r\n" + ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        using var response = await client.GetAsync(server.Uri);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task C11_MaxInterimResponses_IsExact(int count, bool isAccepted)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAsync(string.Concat(Enumerable.Repeat("HTTP/1.1 102 Processing\r\n\r\n", count)) + ScriptedConnection.Switching);
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(configure: options => options.MaxInterimResponses = 2);
        var exception = await Record.ExceptionAsync(() => client.GetAsync(server.Uri));
        Assert.Equal(isAccepted, exception is null);
    }

    [Fact]
    public async Task C11_InterimWithoutEnd_Fails()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            while (true)
            {
                await connection.SendAsync("HTTP/1.1 102 Processing\r\n\r\n");
            }
        });
        using var client = TestClient.Create();
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, exception.HttpRequestError);
        Assert.Contains("MaxInterimResponses", exception.Message);
        Assert.Single(server.Connections);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task C12_A05_BytesBehindTheSwitch_NeverReachTheCaller(TlsUpgradeMode mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            if ((await connection.ReadHeadAsync()).StartsWith("GET", StringComparison.Ordinal))
            {
                await connection.SendAsync("HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nContent-Length: 0\r\n\r\n");
                return;
            }

            await connection.SendAsync(ScriptedConnection.Switching + Forged);
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create(mode);
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        Assert.Contains("followed the 101", exception.Message);
        await server.EndedAsync();
        Assert.DoesNotContain(server.Connections, connection => connection.Wire.Received.Contains((byte)0x16));
    }

    [Fact]
    public async Task A05_AnswerBeforeTheQuestion_Fails()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.SendAsync(Forged);
            await connection.ReadToEndAsync();
        });

        // The bytes are there before the client has the connection.
        using var client = TestClient.Create(TlsUpgradeMode.Preferred, handler: handler => handler.ConnectCallback = async (context, cancellationToken) =>
        {
            var stream = await Connect.ToAsync(context.DnsEndPoint, cancellationToken);
            Assert.True(stream.Socket.Poll(RawConnection.Patience, System.Net.Sockets.SelectMode.SelectRead));
            return stream;
        });
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
        Assert.Equal(HttpRequestError.InvalidResponse, exception.HttpRequestError);
        await server.EndedAsync();
        Assert.Empty(Assert.Single(server.Connections).Wire.Received);
    }

    [Theory]
    [InlineData("\x15\x03\x03\x00\x02\x02\x28")] // handshake_failure
    [InlineData("\x15\x03\x01\x00\x02\x02\x46")] // protocol_version (C-16)
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")]
    [InlineData("\x16\x03\x01\x00\x04\x02\x00\x00\x00")]
    [InlineData("")]
    public async Task C15_C16_C17_HandshakeFails_DisconnectsAndDoesNotRetry(string bytes)
    {
        foreach (var mode in Enum.GetValues<TlsUpgradeMode>())
        {
            await using var server = new ScriptedServer(async connection =>
            {
                if ((await connection.ReadHeadAsync()).StartsWith("GET", StringComparison.Ordinal))
                {
                    await connection.SendAsync("HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nContent-Length: 0\r\n\r\n");
                    await connection.ReadToEndAsync();
                    return;
                }

                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.ReadSomeAsync();
                await connection.SendAsync(bytes);
                connection.ShutdownTcp();
                await connection.ReadToEndAsync();
            });
            using (var client = TestClient.Create(mode))
            {
                var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
                Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
                Assert.Contains($"127.0.0.1:{server.Port}", exception.Message);
            }

            await server.EndedAsync();
            Assert.Equal(mode is TlsUpgradeMode.OnDemand ? 2 : 1, server.Connections.Length);
            var upgraded = server.Connections[^1];
            Assert.StartsWith("OPTIONS *", Assert.Single(upgraded.Heads));
            Assert.DoesNotContain("GET", Encoding.Latin1.GetString(upgraded.Wire.Received));
        }
    }

    [Fact]
    public async Task C19_ConcurrentRequests_NeverPipelined()
    {
        var both = new CountdownEvent(2);
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            both.Signal();
            await Task.Run(() => both.Wait(RawConnection.Patience));
            await connection.SendAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        var responses = await Task.WhenAll(client.GetAsync(server.Uri + "a"), client.GetAsync(server.Uri + "b"));
        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.All(server.Connections, connection => Assert.Equal(2, connection.Heads.Count));
        Assert.Equal(2, server.Connections.Length);
    }

    [Fact]
    public async Task C21_PostLostAfterTheSwitch_IsNotRepeated()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            await connection.ReadTextAsync(4);
        });
        using var client = TestClient.Create();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(server.Uri, new StringContent("once")));
        await server.EndedAsync();
        Assert.Single(server.Heads, head => head.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A08_Tls10AfterTheSwitch_Aborts()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.0\r\n\r\n");
            await connection.ReadSomeAsync();

            // A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
            await connection.SendAsync("\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + new string('r', 32) + "\x00\x00\x2f\x00");
            await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create();
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri));
        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
        Assert.Single(server.Connections);
    }

    [Fact]
    public async Task A13_FieldsBeforeTls_HaveNoEffect()
    {
        var cookies = new CookieContainer();
        await using var server = new ScriptedServer(async connection =>
        {
            const string Poison = "Set-Cookie: s=1\r\nAlt-Svc: h2=\":1\"\r\nLocation: /y\r\nStrict-Transport-Security: max-age=9\r\n";
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 103 Early Hints\r\n" + Poison + "\r\n" + ScriptedConnection.Switching[..^2] + Poison + "\r\n");
            await connection.StartTlsAsync();
            await connection.SendAsync("HTTP/1.1 302 Found\r\n" + Poison + "Content-Length: 0\r\n\r\n");
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(handler: handler => handler.CookieContainer = cookies);
        using var response = await client.GetAsync(server.Uri + "x");
        Assert.Equal(0, cookies.Count);
        Assert.Empty(response.Headers);
        Assert.Equal("/x", response.RequestMessage!.RequestUri!.AbsolutePath);
    }
}
