using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Conformance;

/// <summary>426, advertisements, redirects and what they change (requirements C-25 to C-36, C-72, A-07, A-28).</summary>
public sealed class DemandTests
{
    private const string Demand = "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 6\r\n\r\nsecure";

    /// <summary>Demands TLS in clear text and echoes the request line inside it.</summary>
    private static async Task DemandAsync(ScriptedConnection connection)
    {
        string head;
        while ((head = await connection.ReadHeadAsync()).Length > 0)
        {
            await ReadContentAsync(connection, head);
            if (connection.Tls is null && head.StartsWith("OPTIONS *", StringComparison.Ordinal))
            {
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync();
                await connection.SendAsync(ScriptedConnection.EmptyOk);
            }
            else
            {
                await connection.SendAsync(connection.Tls is null ? Demand : ScriptedConnection.EmptyOk);
            }
        }
    }

    private static async Task ReadContentAsync(ScriptedConnection connection, string head)
    {
        var length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.Ordinal))?[15..];
        await connection.ReadTextAsync(int.Parse(length ?? "0", System.Globalization.CultureInfo.InvariantCulture));
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal))
        {
            while (!(await connection.ReadTextAsync(1)).Equals("0", StringComparison.Ordinal) || await connection.ReadTextAsync(4) != "\r\n\r\n")
            {
            }
        }
    }

    private static IEnumerable<string> Lines(ScriptedServer server) => server.Heads.Select(head => head.Split(" HTTP")[0]);

    [Fact]
    public async Task C25_A07_Demand_IsMetByAnUpgradeAndTheRequestRepeated()
    {
        await using var server = new ScriptedServer(DemandAsync);
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var first = await client.PostAsync(server.Uri + "a", new StringContent("content"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.True(first.GetTlsUpgradeInfo().IsUpgraded);
        using var second = await client.GetAsync(server.Uri + "b");
        Assert.True(second.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Equal(["POST /a", "OPTIONS *", "POST /a", "GET /b"], Lines(server));
        Assert.Contains("Upgrade: TLS/1.3, TLS/1.2, http/1.1-upgraded\r\n", server.Heads[1]);
        Assert.Equal(2, server.Connections.Length);
        Assert.NotEqual(0x16, server.Connections[1].Wire.Received[0]);
    }

    [Theory]
    [InlineData("HTTP/3.0")]
    [InlineData("websocket")]
    [InlineData("TLS/9.9")]
    [InlineData(null)]
    public async Task C27_DemandWithoutTls_GoesToTheCaller(string? upgrade)
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(
            $"HTTP/1.1 426 Upgrade Required\r\n{(upgrade is null ? "" : $"Upgrade: {upgrade}\r\nConnection: Upgrade\r\n")}Content-Length: 4\r\n\r\nnope"));
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("nope", await response.Content.ReadAsStringAsync());
        Assert.Single(server.Heads);
    }

    [Fact]
    public async Task C28_DemandEverywhere_ExactlyTwoRequests()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            if ((await connection.ReadHeadAsync()).StartsWith("GET", StringComparison.Ordinal))
            {
                await connection.SendAsync(Demand);
                await connection.ServeAsync(Demand);
                return;
            }

            await connection.SendAsync(ScriptedConnection.Switching);
            await connection.StartTlsAsync();
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync(Demand);
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal(["GET /", "OPTIONS *", "GET /"], Lines(server));
    }

    [Fact]
    public async Task C28_DemandAndRefusal_TheDemandGoesToTheCaller()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(Demand));
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("secure", await response.Content.ReadAsStringAsync());
        Assert.Equal(["GET /", "OPTIONS *"], Lines(server));
    }

    [Fact]
    public async Task C28_ContentThatCannotBeRepeated_TheDemandGoesToTheCaller()
    {
        await using var server = new ScriptedServer(DemandAsync);
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var first = await client.PostAsync(server.Uri, new StreamContent(new MemoryStream([1, 2, 3])));
        Assert.Equal(HttpStatusCode.UpgradeRequired, first.StatusCode);

        // But the origin is remembered.
        using var second = await client.PostAsync(server.Uri, new StreamContent(new MemoryStream([1, 2, 3])));
        Assert.True(second.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Equal(["POST /", "OPTIONS *", "POST /"], Lines(server));
    }

    [Fact]
    public async Task C28_ContentThatTheCallerMarks_IsRepeated()
    {
        await using var server = new ScriptedServer(DemandAsync);
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Uri) { Content = new StreamContent(new MemoryStream([1, 2, 3])) };
        request.Options.Set(TlsUpgradeRequestOptions.CanRepeatContent, true);
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Theory]
    [InlineData("Upgrade: TLS/1.0, HTTP/1.1\r\nConnection: upgrade\r\n", true)]
    [InlineData("Upgrade: TLS/1.3\r\nConnection: keep-alive, Upgrade\r\n", true)]
    [InlineData("Upgrade: TLS/1.3\r\n", false)]
    [InlineData("Upgrade: h2c\r\nConnection: upgrade\r\n", false)]
    public async Task C29_Advertisement_IsRemembered(string fields, bool isAdvertisement)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                if (head.StartsWith("OPTIONS", StringComparison.Ordinal) && connection.Tls is null)
                {
                    await connection.SendAsync(ScriptedConnection.Switching);
                    await connection.StartTlsAsync();
                }

                await connection.SendAsync($"HTTP/1.1 200 OK\r\n{(connection.Tls is null ? fields : "")}Content-Length: 0\r\n\r\n");
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var first = await client.GetAsync(server.Uri);
        Assert.False(first.GetTlsUpgradeInfo().IsUpgraded);
        using var second = await client.GetAsync(server.Uri);
        Assert.Equal(isAdvertisement, second.GetTlsUpgradeInfo().IsUpgraded);
        using var third = await client.PostAsync(server.Uri, new StreamContent(Stream.Null));
        Assert.Equal(isAdvertisement, third.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Fact]
    public async Task C29_AdvertisementThatIsNotKept_ClearTextAsBefore()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(
            "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.2\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 0\r\n\r\n"));
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync(server.Uri);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(3, Lines(server).Count(line => line == "GET /"));
    }

    [Fact]
    public async Task C29_AdvertisementThatIsTakenBack_IsForgotten()
    {
        var answered = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            while ((await connection.ReadHeadAsync()).Length > 0)
            {
                await connection.SendAsync(Interlocked.Increment(ref answered) == 1
                    ? "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.2\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 0\r\n\r\n"
                    : ScriptedConnection.EmptyOk);
            }
        });
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        for (var i = 0; i < 4; i++)
        {
            (await client.GetAsync(server.Uri)).Dispose();
        }

        Assert.Single(Lines(server), "OPTIONS *");
    }

    [Fact]
    public async Task DemandLifetime_Over_AsksAgainInClearText()
    {
        var time = new FakeTimeProvider();
        await using var server = new ScriptedServer(DemandAsync);
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand, options =>
        {
            options.TimeProvider = time;
            options.DemandLifetime = TimeSpan.FromHours(1);
        });
        (await client.GetAsync(server.Uri + "a")).Dispose();
        time.Advance(TimeSpan.FromMinutes(59));
        (await client.GetAsync(server.Uri + "b")).Dispose();
        time.Advance(TimeSpan.FromMinutes(2));
        (await client.GetAsync(server.Uri + "c")).Dispose();
        var clear = server.Connections.Single(connection => connection.Tls is null);
        Assert.Equal(["GET /a", "GET /c"], clear.Heads.Select(head => head.Split(" HTTP")[0]));
    }

    [Fact]
    public async Task RefusalLifetime_Over_AsksAgain()
    {
        var time = new FakeTimeProvider();
        await using var server = new ScriptedServer(connection => connection.ServeAsync(ScriptedConnection.EmptyOk));
        using var client = TestClient.Create(TlsUpgradeMode.Preferred, options =>
        {
            options.TimeProvider = time;
            options.RefusalLifetime = TimeSpan.FromHours(1);
        });
        (await client.GetAsync(server.Uri)).Dispose();
        time.Advance(TimeSpan.FromMinutes(59));
        (await client.GetAsync(server.Uri)).Dispose();
        Assert.Single(Lines(server), "OPTIONS *");
        time.Advance(TimeSpan.FromMinutes(2));
        (await client.GetAsync(server.Uri)).Dispose();
        Assert.Equal(2, Lines(server).Count(line => line == "OPTIONS *"));
    }

    [Fact]
    public async Task C33_C35_Upgraded_IsNoHttpsOrigin()
    {
        var cookies = new CookieContainer();
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        cookies.Add(new Cookie("plain", "1", "/", "localhost"));
        cookies.Add(new Cookie("secure", "1", "/", "localhost") { Secure = true });
        using var client = TestClient.Create(handler: handler => handler.CookieContainer = cookies);
        using var response = await client.GetAsync(server.NameUri);
        Assert.Contains("Cookie: plain=1\r\n", server.Heads[1]);
        Assert.Equal("http", response.RequestMessage!.RequestUri!.Scheme);
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required)]
    [InlineData(TlsUpgradeMode.Preferred)]
    public async Task C36_Redirect_IsSubjectToTheMode(TlsUpgradeMode mode)
    {
        await using var second = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
        });
        await using var first = new ScriptedServer(async connection =>
        {
            if (mode is TlsUpgradeMode.Required)
            {
                await connection.UpgradeAndAnswerAsync();
            }

            // In Preferred the first server refuses, and sends on in clear text.
            await connection.ServeAsync($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{second.Port}/next\r\nContent-Length: 0\r\n\r\n");
        });
        using var client = TestClient.Create(mode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "secret");
        using var response = await client.PostAsync(first.Uri, new StringContent("content"));
        Assert.Equal("second", await response.Content.ReadAsStringAsync());
        Assert.True(response.GetTlsUpgradeInfo().IsUpgraded);
        Assert.Equal(["OPTIONS *", "GET /next"], Lines(second));
        Assert.DoesNotContain("secret", string.Concat(second.Heads));
        Assert.Equal($"http://127.0.0.1:{second.Port}/next", response.RequestMessage!.RequestUri!.ToString());
    }

    [Fact]
    public async Task C36_RedirectToHttps_IsFollowedAndNotUpgraded()
    {
        await using var second = new ScriptedServer(async connection =>
        {
            await connection.StartTlsAsync(options => options.ApplicationProtocols = null);
            await connection.ServeAsync(ScriptedConnection.EmptyOk);
        });
        await using var first = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync($"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:{second.Port}/\r\nContent-Length: 0\r\n\r\n");
        });
        using var client = TestClient.Create();
        using var response = await client.GetAsync(first.Uri);
        Assert.Equal("https", response.RequestMessage!.RequestUri!.Scheme);
        Assert.False(response.GetTlsUpgradeInfo().IsUpgraded);
    }

    [Fact]
    public async Task Redirects_LimitAndSwitch_AreTheHandlers()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            await connection.ServeAsync("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
        });
        using var three = TestClient.Create(handler: handler => handler.MaxAutomaticRedirections = 3);
        using var limited = await three.GetAsync(server.Uri);
        Assert.Equal(HttpStatusCode.Found, limited.StatusCode);
        Assert.Equal(["OPTIONS *", "GET /", "GET /again", "GET /again", "GET /again"], Lines(server));
        using var none = TestClient.Create(handler: handler => handler.AllowAutoRedirect = false);
        using var unfollowed = await none.GetAsync(server.Uri + "off");
        Assert.Equal(HttpStatusCode.Found, unfollowed.StatusCode);
        Assert.Equal("GET /off", Lines(server).Last());
    }

    [Theory]
    [InlineData(false, "user:secret")]
    [InlineData(true, null)]
    public async Task Credentials_AreForTheFirstHopOnly(bool isRedirected, string? expected)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.UpgradeAndAnswerAsync();
            while (await connection.ReadHeadAsync() is { Length: > 0 } head)
            {
                await connection.SendAsync(head.StartsWith("GET /redirect", StringComparison.Ordinal)
                    ? "HTTP/1.1 302 Found\r\nLocation: /protected\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
            }
        });
        using var client = TestClient.Create(handler: handler => handler.Credentials = new NetworkCredential("user", "secret"));
        using var response = await client.GetAsync(server.Uri + (isRedirected ? "redirect" : "protected"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var sent = server.Heads.SelectMany(head => head.Split("\r\n"))
            .SingleOrDefault(line => line.StartsWith("Authorization: Basic ", StringComparison.Ordinal))?[21..];
        Assert.Equal(expected, sent is null ? null : System.Text.Encoding.ASCII.GetString(Convert.FromBase64String(sent)));
    }

    [Fact]
    public async Task C72_A28_ClearAndUpgradedConnections_NeverMix()
    {
        await using var server = new ScriptedServer(DemandAsync);
        using var clear = TestClient.Create(TlsUpgradeMode.OnDemand);
        using var content = new StreamContent(Stream.Null);
        (await clear.PostAsync(server.Uri + "clear", content)).Dispose();
        using var required = TestClient.Create();
        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(i => new[]
        {
            required.GetAsync(server.Uri + "required"),
            clear.GetAsync(server.Uri + "demand"),
        }));

        // Behind the OPTIONS * of an upgraded connection everything is read from TLS.
        Assert.All(server.Connections.Select(connection => connection.Heads.ToArray()).Where(heads => heads.Length > 0), heads => Assert.True(
            heads[0].StartsWith("OPTIONS *", StringComparison.Ordinal)
                || Array.TrueForAll(heads, head => head.StartsWith("POST /clear", StringComparison.Ordinal)),
            string.Concat(heads)));
    }

    [Fact]
    public async Task C73_StrictTransportSecurityInClearText_HasNoEffect()
    {
        await using var server = new ScriptedServer(connection => connection.ServeAsync(
            "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=9999\r\nContent-Length: 0\r\n\r\n"));
        using var client = TestClient.Create(TlsUpgradeMode.OnDemand);
        (await client.GetAsync(server.Uri)).Dispose();
        using var response = await client.GetAsync(server.Uri);
        Assert.Equal("http", response.RequestMessage!.RequestUri!.Scheme);
        Assert.Equal(["GET /", "GET /"], Lines(server));
    }
}
