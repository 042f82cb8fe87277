using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-01 to S-26: accepting an upgrade. Each for a first and for a later request of a connection.</summary>
public sealed class AcceptingTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S01_RequestStaysOutstanding_AnsweredOnceInsideTls(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();

        var first = await connection.ReadResponseAsync();
        Assert.Contains("GET /x scheme=https state=Upgraded token=TLS/1.2 replayed=True", first.Content);

        await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("GET /y scheme=https state=Upgraded token=TLS/1.2 replayed=False", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S02_EndpointWithoutMiddleware_IgnoresOffer(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(isUpgradable: false);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await AssertDeclinedAsync(connection, Request());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S03_S04_S06_S07_SwitchingProtocols_NamesLayersAndHasNoContent(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request("OPTIONS", "*"));

        var response = await connection.ReadResponseAsync();
        Assert.Equal("HTTP/1.1 101 Switching Protocols", response.StatusLine);
        Assert.Equal("TLS/1.2, HTTP/1.1", response["Upgrade"]);
        Assert.Equal("Upgrade", response["Connection"]);
        Assert.Null(response["Content-Length"]);
        Assert.Null(response["Transfer-Encoding"]);
        await connection.StartTlsAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("websocket")]
    [InlineData("h2c")]
    [InlineData("TLS/9.9")]
    [InlineData("TLS/2.0")]
    [InlineData("TLS/1")]
    [InlineData("TLS/")]
    [InlineData("TLS/1.2;q=1")]
    [InlineData("\"TLS/1.2\"")]
    [InlineData("XTLS/1.2")]
    [InlineData("TLSX")]
    [InlineData("T")]
    public async Task S05_TokenThatIsNotTls_NotSwitched(string token)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await AssertDeclinedAsync(connection, Request(token: token));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S08_NothingFollowsSwitchingProtocolsButTls(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        var before = connection.Wire.Received.Length;

        await connection.StartTlsAsync();
        Assert.Equal(0x16, connection.Wire.Received[before]);
    }

    public static TheoryData<string, bool> BadHandshakes => new()
    {
        { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", false },
        { "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", true },
        { HelloText.OfTls11, false },
        { HelloText.OfTls11, true },
        { string.Concat(Enumerable.Range(0, 200).Select(i => (char)((i * 167 + 41) & 0xff))), false },
        { string.Concat(Enumerable.Range(0, 200).Select(i => (char)((i * 167 + 41) & 0xff))), true },
        { HelloText.OfTls11[..60], false },
        { HelloText.OfTls11[..60], true },
        { "", false },
        { "", true },
    };

    [Theory]
    [MemberData(nameof(BadHandshakes))]
    public async Task S09_HandshakeFails_ConnectionEndsWithoutHttp(string bytes, bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        await connection.SendAsync(bytes);
        connection.Shutdown();

        var rest = await connection.ReadToEndAsync();
        Assert.DoesNotContain("HTTP/", rest);
        Assert.True(rest.Length == 0 || rest[0] == 0x15, "Only an alert may follow.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S10_SilenceAfterSwitchingProtocols_EndsWithHandshakeTimeout(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.HandshakeTimeout = TimeSpan.FromMilliseconds(200));
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NoHandshakeTimeout_IsUpgraded(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.HandshakeTimeout = Timeout.InfiniteTimeSpan);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("tls/1.2", "TLS/1.2")]
    [InlineData("Tls/1.3", "TLS/1.3")]
    [InlineData("tls", "TLS")]
    public async Task S11_TokenInAnyCase_SpelledInCapitals(string offered, string named)
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertTokenAsync(server, $"Upgrade: {offered}\r\nConnection: Upgrade\r\n", named);
    }

    [Theory]
    [InlineData("TLS/1.3, TLS/1.2", "TLS/1.3")]
    [InlineData("TLS/1.2, TLS/1.3", "TLS/1.3")]
    [InlineData("TLS/1.2,TLS/1.1,TLS/1.0", "TLS/1.2")]
    [InlineData("TLS/1.0", "TLS/1.0")]
    [InlineData("TLS/1.0, TLS/1.1", "TLS/1.1")]
    [InlineData("TLS/1.0, TLS", "TLS")]
    public async Task S12_SeveralTokens_HighestEnabledElseHighestOffered(string offered, string named)
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertTokenAsync(server, $"Upgrade: {offered}\r\nConnection: Upgrade\r\n", named);
    }

    [Fact]
    public async Task S12_VersionDisabled_IsNotNamedWhereAnotherFits()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.SslProtocols = SslProtocols.Tls12);
        await AssertTokenAsync(server, "Upgrade: TLS/1.3, TLS/1.2\r\nConnection: Upgrade\r\n", "TLS/1.2");
        await AssertTokenAsync(server, "Upgrade: TLS/1.3\r\nConnection: Upgrade\r\n", "TLS/1.3");
    }

    [Theory]
    [InlineData("TLS/1.0")]
    [InlineData("TLS/1.0, TLS/1.1")]
    public async Task StrictTokens_NoEnabledVersionOffered_Declined(string token)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.StrictTokens = true);
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await AssertDeclinedAsync(connection, Request(token: token));
        }

        await AssertTokenAsync(server, "Upgrade: TLS/1.0, TLS/1.2\r\nConnection: Upgrade\r\n", "TLS/1.2");
    }

    [Fact]
    public async Task S13_NoConnectionOption_OfferIgnored()
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var connectionField in new[] { "", "Connection: keep-alive\r\n" })
        {
            foreach (var later in new[] { false, true })
            {
                await using var connection = await server.ConnectAsync().AfterAsync(later);
                await AssertDeclinedAsync(connection, $"GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\n{connectionField}\r\n");
            }
        }
    }

    [Theory]
    [InlineData("Connection: keep-alive, uPgRaDe\r\n")]
    [InlineData("Connection: upgrade,keep-alive\r\n")]
    [InlineData("Connection: keep-alive\r\nConnection: upgrade\r\n")]
    [InlineData("Connection: ,, Upgrade ,\r\n")]
    public async Task S14_ConnectionList_OptionFoundInAnyCaseAndLine(string field)
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertTokenAsync(server, $"{field}Upgrade: TLS/1.2\r\n", "TLS/1.2");
    }

    [Theory]
    [InlineData("xupgrade")]
    [InlineData("upgrade-insecure")]
    [InlineData("up grade")]
    public async Task S14_OtherConnectionOption_OfferIgnored(string option)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await AssertDeclinedAsync(
                connection, $"GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: {option}, keep-alive\r\n\r\n");
        }
    }

    [Fact]
    public async Task S15_SeveralUpgradeLines_FormOneList()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertTokenAsync(server, "Upgrade: foo/1\r\nUpgrade: , TLS/1.2,\r\nConnection: Upgrade\r\n", "TLS/1.2");
    }

    [Theory]
    [InlineData("websocket, TLS/1.2")]
    [InlineData("WebSocket/13, TLS/1.2")]
    public async Task WebSocketPreferredToTls_LeftToApplication(string token)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await AssertDeclinedAsync(connection, Request(token: token));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("Expect: 100-continue\r\nContent-Length: 3\r\n")]
    public async Task S16_S17_Http10_NeverAnsweredWithInterimResponse(string fields)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /x HTTP/1.0\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n{fields}\r\nabc");
        var answer = await connection.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer);
        Assert.DoesNotContain("HTTP/1.1 10", answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S18_ExpectWithContent_NeverSwitched(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(app: EchoLength);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request("POST", fields: "Expect: 100-continue\r\nContent-Length: 5\r\n"));
        Assert.Equal(100, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("hello");
        Assert.Equal("5", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ExpectWithoutContent_Switched(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(Request(fields: "Expect: 100-continue\r\n"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("POST", "Content-Length: 10\r\n", "abcdefghij")]
    [InlineData("POST", "Transfer-Encoding: chunked\r\n", "a\r\nabcdefghij\r\n0\r\n\r\n")]
    [InlineData("GET", "Content-Length: 10\r\n", "abcdefghij")]
    [InlineData("OPTIONS", "Transfer-Encoding: chunked\r\n", "a\r\nabcdefghij\r\n0\r\n\r\n")]
    public async Task S20_RequestWithContent_NotSwitchedAndContentIsRead(string method, string framing, string content)
    {
        await using var server = await UpgradeServer.StartAsync(app: EchoLength);
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(method, fields: framing) + content);
            Assert.Equal("10", (await connection.ReadResponseAsync()).Content);
            await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal("0", (await connection.ReadResponseAsync()).Content);
        }
    }

    [Theory]
    [InlineData("GET", "/x", "GET /x")]
    [InlineData("HEAD", "/x", "")]
    [InlineData("OPTIONS", "/x", "OPTIONS /x")]
    public async Task S21_SafeMethod_CompletesInsideTls(string method, string target, string content)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(Request(method, target));
            var response = await connection.ReadResponseAsync(toHead: method == "HEAD");
            Assert.Equal(200, response.Status);
            Assert.StartsWith(content, response.Content);

            await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.StartsWith("GET /y", (await connection.ReadResponseAsync()).Content);
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("TRACE")]
    [InlineData("BREW")]
    [InlineData("get")]
    public async Task S21_OtherMethod_Declined(string method)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(method, fields: "Content-Length: 0\r\n"));
            Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
        }
    }

    [Fact]
    public async Task S22_PipelinedRequestBefore_AnsweredFirst()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                await release.Task;
            }

            await UpgradeServer.DescribeAsync(context);
        }));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n" + Request());
        release.SetResult();

        Assert.StartsWith("GET /slow", (await connection.ReadResponseAsync()).Content);
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync();
        Assert.StartsWith("GET /x", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task S23_TlsRecordWhereRequestIsDue_RefusedAndNothingProcessed()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Off);
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(HelloText.OfTls11 + "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            var answer = await connection.ReadToEndAsync();
            Assert.DoesNotContain("200", answer);
            Assert.StartsWith("HTTP/1.1 400", answer);
        }
    }

    /// <summary>Kestrel takes a line feed alone for a line end, and a longer line end would make the same line too long over TLS.</summary>
    [Fact]
    public async Task S24_RequestLineThatFillsTheLimitWithALineFeedAlone_IsDeclined()
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var (lineEnd, status) in new[] { ("\n", 200), ("\r\n", 101) })
        {
            await using var connection = await server.ConnectAsync();
            var target = "/" + new string('a', 8192 - "GET / HTTP/1.1".Length - lineEnd.Length);
            await connection.SendAsync(Request(target: target).Replace($"{target} HTTP/1.1\r\n", $"{target} HTTP/1.1{lineEnd}", StringComparison.Ordinal));
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task S24_OfferDeclined_ConnectionGoesOn()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync(Request(token: "TLS/9.9"));
            var response = await connection.ReadResponseAsync();
            Assert.Equal(200, response.Status);
            Assert.Null(response["Connection"]);
        }

        await connection.UpgradeAsync();
        Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task S25_UpgradeInTrailers_Ignored()
    {
        await using var server = await UpgradeServer.StartAsync(app: EchoLength);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(
            "POST /x HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n0\r\nUpgrade: TLS/1.2\r\n\r\n");
        Assert.Equal("5", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("0", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S26_CloseAndUpgrade_ClosesAfterAnswerInsideTls(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(
            "GET /x HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: close, Upgrade\r\n\r\n");
        await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");

        var response = await connection.ReadResponseAsync();
        Assert.Equal("close", response["Connection"]);
        Assert.StartsWith("GET /x", response.Content);
        Assert.DoesNotContain("/y", await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Fact]
    public async Task ReplayedRequest_HasItsFieldsLessTheUpgrade()
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(context => context.Response.WriteAsync(
            string.Join('\n', context.Request.Headers.OrderBy(field => field.Key).Select(field => $"{field.Key}={field.Value}")))));
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(
                "GET /x?q=1 HTTP/1.1\r\nHost: localhost:8080\r\nX-A: 1\r\nConnection: keep-alive\r\nX-A:  2 \r\nUpgrade: TLS/1.2\r\n"
                + "Connection: Upgrade\r\nEmpty:\r\n\r\n");
            Assert.Equal(
                "Connection=keep-alive\nEmpty=\nHost=localhost:8080\nX-A=1,2", (await connection.ReadResponseAsync()).Content);
        }
    }

    /// <summary>
    /// Of a Connection field with <c>upgrade</c>, Kestrel passes other options on only where there are several that it knows. A first request
    /// never went through it.
    /// </summary>
    [Theory]
    [InlineData("Upgrade", "")]
    [InlineData("Upgrade, X-Hop, TE", "")]
    [InlineData("X-Hop, uPgRaDe", "")]
    [InlineData("upgrade, keep-alive", "keep-alive")]
    [InlineData("Keep-Alive, Upgrade, X-Hop", "keep-alive")]
    [InlineData("close, X-Hop, Upgrade", "close")]
    [InlineData("X-Hop, keep-alive, close, Upgrade", "keep-alive,close")]
    [InlineData("X-Hop\r\nConnection: Upgrade\r\nConnection: TE, x", "")]
    [InlineData("X-Hop\r\nConnection: keep-alive\r\nConnection: Upgrade", "keep-alive")]
    [InlineData(",, Upgrade ,X-Hop,", "")]
    public async Task ReplayedRequest_HasTheSameConnectionOptions_FirstOrLater(string options, string expected)
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(context =>
            context.Response.WriteAsync(string.Join(',', context.Request.Headers.Connection.AsEnumerable()).Replace(", ", ",", StringComparison.Ordinal))));
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(
                $"GET /x HTTP/1.1\r\nHost: localhost\r\nTE: trailers\r\nX-Hop: 1\r\nUpgrade: TLS/1.2\r\nConnection: {options}\r\n\r\n");
            Assert.Equal(expected, (await connection.ReadResponseAsync()).Content);
        }
    }

    private static void EchoLength(WebApplication app) => app.Run(async context =>
    {
        var length = 0L;
        var buffer = new byte[1024];
        int count;
        while ((count = await context.Request.Body.ReadAsync(buffer)) > 0)
        {
            length += count;
        }

        await context.Response.WriteAsync($"{length}");
    });

    private static async Task AssertTokenAsync(UpgradeServer server, string fields, string token)
    {
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            var switching = await connection.UpgradeAsync($"GET /x HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
            Assert.Equal($"{token}, HTTP/1.1", switching["Upgrade"]);
            Assert.Contains($"token={token} ", (await connection.ReadResponseAsync()).Content);
        }
    }

    /// <summary>The request is answered in clear text, and so is the next one.</summary>
    private static async Task AssertDeclinedAsync(RawConnection connection, string request)
    {
        await connection.SendAsync(request);
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("GET /next scheme=http", (await connection.ReadResponseAsync()).Content);
    }
}
