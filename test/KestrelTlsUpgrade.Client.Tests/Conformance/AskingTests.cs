using System.Net;
using System.Net.Http.Headers;
using System.Text;
using KestrelTlsUpgrade.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>The request for the upgrade and what may follow it (requirements C-01 to C-07, C-20, C-22 to C-24).</summary>
public sealed class AskingTests
{
    [Fact]
    public async Task C01_C18_PreferredAndDeclined_GoesOnOnTheSameConnection()
    {
        await using var server = new ScriptedServer(connection =>
            connection.ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync(server.Uri);
            Assert.Equal("hello", await response.Content.ReadAsStringAsync());
            Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
        }

        var only = Assert.Single(server.Connections);
        Assert.Equal(["OPTIONS *", "GET /", "GET /", "GET /"], only.Heads.Select(head => head.Split(" HTTP")[0]));
        Assert.Contains("Upgrade: TLS/", only.Heads[0]);
    }

    [Fact]
    public async Task C02_C04_C05_C06_A32_UpgradeRequest_SaysNothingOfTheRequest()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(handler: handler =>
        {
            handler.CookieContainer.Add(new Uri(server.NameUri), new Cookie("session", "secret"));
            handler.Credentials = new NetworkCredential("user", "secret");
            handler.PreAuthenticate = true;
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://me:secret@localhost:{server.Port}/secret?secret")
        {
            Content = new StringContent("secret"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        request.Headers.Referrer = new Uri("http://secret.test/");
        request.Headers.Add("X-Secret", "secret");
        request.Headers.UserAgent.ParseAdd("secret/1.0");
        using var response = await client.SendAsync(request);
        Assert.Equal(
            $"OPTIONS * HTTP/1.1\r\nHost: localhost:{server.Port}\r\nUser-Agent: KestrelTlsUpgrade.Client\r\nUpgrade: TLS/1.3, TLS/1.2, http/1.1-upgraded\r\nConnection: Upgrade\r\n\r\n",
            server.Heads[0]);
        Assert.Contains("session=secret", server.Heads[1]);

        // In clear text there was nothing but that, and TLS began right behind it (C-13).
        var received = server.Connections[0].Wire.Received;
        Assert.Equal(0x16, received[server.Heads[0].Length]);
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(received));
    }

    [Fact]
    public async Task C04_IPv6Literal_HostHasBrackets()
    {
        await using var server = new ScriptedServer(
            async connection =>
            {
                await connection.UpgradeAndAnswerAsync();
                await connection.ServeAsync(ScriptedConnection.EmptyOk);
            },
            IPAddress.IPv6Loopback);
        using var client = TestClient.Create();
        using var response = await client.GetAsync($"http://[::1]:{server.Port}/");
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Contains($"\r\nHost: [::1]:{server.Port}\r\n", server.Heads[0]);
    }

    [Theory]
    [InlineData("200 OK")]
    [InlineData("400 Bad Request")]
    [InlineData("403 Forbidden")]
    [InlineData("404 Not Found")]
    [InlineData("405 Method Not Allowed")]
    [InlineData("426 Upgrade Required")]
    [InlineData("501 Not Implemented")]
    public async Task C03_C30_A06_RequiredAndRefused_FailsAndSendsNothing(string status)
    {
        var rest = Array.Empty<byte>();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync($"HTTP/1.1 {status}\r\nUpgrade: TLS/1.2\r\nContent-Length: 0\r\n\r\n");
            rest = await connection.ReadToEndAsync();
        });
        using var client = TestClient.Create();
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.PostAsync(server.Uri, new StringContent("secret")));
        Assert.Equal(HttpRequestError.SecureConnectionError, exception.HttpRequestError);
        Assert.Equal(int.Parse(status[..3], System.Globalization.CultureInfo.InvariantCulture), (int)exception.StatusCode!);
        Assert.Contains($"127.0.0.1:{server.Port}", exception.Message);
        Assert.Contains(status, exception.Message);
        await server.EndedAsync();
        Assert.Empty(rest);
        Assert.StartsWith("OPTIONS * HTTP/1.1\r\n", Assert.Single(server.Heads));
    }

    [Fact]
    public async Task C07_AnswerByteForByte_NoTlsBeforeItIsComplete()
    {
        var early = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            var head = await connection.ReadHeadAsync();
            foreach (var character in "HTTP/1.1 100 Continue\r\n\r\n" + ScriptedConnection.Switching[..^1])
            {
                await connection.SendAsync(character.ToString());
                await Task.Yield();
                early += connection.Available;
            }

            await connection.SendAsync("\n");
            await connection.StartTlsAsync();
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(0, early);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Fact]
    public async Task C20_C70_Content_IsSentInsideTlsOnly()
    {
        var content = "";
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            content = await connection.ReadTextAsync(6);
            await connection.SendAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        client.DefaultRequestHeaders.ExpectContinue = true;
        using var response = await client.PostAsync(server.Uri, new StringContent("secret"));
        Assert.Equal("secret", content);
        Assert.DoesNotContain("Expect", server.Heads[0]);
        Assert.Contains("Expect: 100-continue", server.Heads[1]);
        Assert.Contains("Content-Length: 6", server.Heads[1]);
        Assert.DoesNotContain("Transfer-Encoding", server.Heads[1]);
        Assert.DoesNotContain("Upgrade", server.Heads[1]);
    }

    [Theory]
    [InlineData(HttpVersionPolicy.RequestVersionExact)]
    [InlineData(HttpVersionPolicy.RequestVersionOrHigher)]
    public async Task C22_RequiredWithHttp2Only_FailsAndSendsNothing(HttpVersionPolicy policy)
    {
        await using var server = new ScriptedServer(connection => connection.ReadToEndAsync());
        using var client = TestClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri) { Version = HttpVersion.Version20, VersionPolicy = policy };
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(request));
        Assert.Equal(HttpRequestError.VersionNegotiationError, exception.HttpRequestError);
        Assert.Empty(server.Connections);
    }

    [Fact]
    public async Task C22_Http2OrLower_SpeaksHttp11()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri) { Version = HttpVersion.Version20 };
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpVersion.Version11, response.Version);
    }

    [Fact]
    public async Task C22_PreferredWithHttp2Only_IsLeftToTheCaller()
    {
        var preface = "";
        await using var server = new ScriptedServer(async connection => preface = await connection.ReadTextAsync(14));
        using var client = TestClient.Create(TlsUpgradeMode.Preferred);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(request));
        await server.EndedAsync();
        Assert.Equal("PRI * HTTP/2.0", preface);
    }

    [Fact]
    public async Task C23_OnDemand_OffersNothingByItself()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(ScriptedConnection.EmptyOk));
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(server.Uri);
            Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
        }

        Assert.All(server.Heads, head => Assert.DoesNotContain("Upgrade", head));
        Assert.Single(server.Connections);
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required)]
    [InlineData(TlsUpgradeMode.Preferred)]
    [InlineData(TlsUpgradeMode.OnDemand)]
    public async Task C24_C31_C32_Https_StartsWithTlsAndOffersNothing(TlsUpgradeMode mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.StartTlsAsync(options => options.ApplicationProtocols = null);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        using var client = TestClient.Create(mode);
        using var response = await client.GetAsync($"https://localhost:{server.Port}/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Equal(0x16, server.Connections[0].Wire.Received[0]);
        Assert.DoesNotContain("http/1.1-upgraded", Encoding.Latin1.GetString(server.Connections[0].Wire.Received));
        Assert.DoesNotContain("Upgrade", Assert.Single(server.Heads));
    }
}
