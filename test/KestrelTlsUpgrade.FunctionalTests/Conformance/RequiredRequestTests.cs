using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Whatever a request in clear text looks like, not a line of a handler that requires TLS runs.</summary>
public sealed class RequiredRequestTests
{
    private const string Host = "Host: localhost\r\n";

    public static TheoryData<string> Requests => new(
        $"GET /secret HTTP/1.1\r\n{Host}\r\n",
        $"GET /SECRET HTTP/1.1\r\n{Host}\r\n",
        $"GET /secret/ HTTP/1.1\r\n{Host}\r\n",
        $"GET /%73ecret HTTP/1.1\r\n{Host}\r\n",
        $"GET /x/../secret HTTP/1.1\r\n{Host}\r\n",
        $"GET /x/%2e%2e/secret HTTP/1.1\r\n{Host}\r\n",
        $"GET http://localhost/secret HTTP/1.1\r\n{Host}\r\n",
        $"GET https://localhost/secret HTTP/1.1\r\n{Host}\r\n",
        $"GET /secret HTTP/1.0\r\n\r\n",
        $"GET /secret HTTP/1.0\r\n{Host}Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n",
        $"POST /secret HTTP/1.1\r\n{Host}Content-Length: 5\r\n\r\nhello",
        $"POST /secret HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        $"POST /secret HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n0\r\nUpgrade: TLS/1.2\r\n\r\n",
        $"POST /secret HTTP/1.1\r\n{Host}Upgrade: TLS/1.2\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello",
        $"POST /secret HTTP/1.1\r\n{Host}X-HTTP-Method-Override: GET\r\nContent-Length: 0\r\n\r\n",
        $"BREW /secret HTTP/1.1\r\n{Host}\r\n",
        $"get /secret HTTP/1.1\r\n{Host}\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: websocket, TLS/1.2\r\nConnection: Upgrade\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: TLS/9.9\r\nConnection: Upgrade\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: TLS/1.2;q=1\r\nConnection: Upgrade\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: TLS/1.2\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Connection: Upgrade\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: ,,\r\nConnection: Upgrade\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Via: 1.1 proxy\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}X-Forwarded-Proto: https\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}X-Forwarded-Proto: https, https\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}Forwarded: proto=https\r\n\r\n",
        $"GET /secret HTTP/1.1\r\n{Host}X-Forwarded-Ssl: on\r\nFront-End-Https: on\r\nX-Url-Scheme: https\r\n\r\n");

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task ClearText_NeverRuns(string request)
    {
        var calls = new Calls();
        await using var server = await StartAsync(calls);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(request);
        var response = await connection.ReadResponseAsync();
        Assert.Equal(0, calls.Count);
        var status = request.Contains("orward", StringComparison.Ordinal) ? 403 : 426;
        Assert.True(response.Status == status || (response.Status is 400 && request.Contains("https://")), response.StatusLine);
    }

    /// <summary>S-19: the answer does not wait for content, and the client is not asked for it.</summary>
    [Theory]
    [InlineData("Content-Length: 100000000\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n")]
    public async Task S19_Expect_RefusedAtOnceWithoutContinue(string fields)
    {
        var calls = new Calls();
        await using var server = await StartAsync(calls);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"POST /secret HTTP/1.1\r\n{Host}Expect: 100-continue\r\n{fields}\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal((426, "close, Upgrade"), (response.Status, response["Connection"]));
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(0, calls.Count);
    }

    /// <summary>
    /// RFC 9110 section 10.1.1: the client may leave the content out then, and nobody knows where its next request begins. So no answer
    /// promises that the connection can be used.
    /// </summary>
    [Theory]
    [InlineData("GET /secret", "Upgrade-Insecure-Requests: 1\r\nContent-Length: 5\r\n", 307, "close")]
    [InlineData("POST /secret", "X-Forwarded-For: 192.0.2.1\r\nContent-Length: 5\r\n", 403, "close")]
    [InlineData("POST /secret", "Content-Length: 0\r\n", 426, "keep-alive, Upgrade")]
    [InlineData("GET /secret", "", 426, "keep-alive, Upgrade")]
    [InlineData("OPTIONS *", "Content-Length: 5\r\n", 200, "close, Upgrade")]
    public async Task S19_ExpectAndAnotherAnswer_ConnectionEndsIfContentMayCome(string request, string fields, int status, string option)
    {
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            app.RequireTlsUpgrade();
            app.Run(_ => throw new InvalidOperationException());
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"{request} HTTP/1.1\r\n{Host}Expect: 100-continue\r\n{fields}\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal((status, option), (response.Status, response["Connection"]));
        if (option.StartsWith("close", StringComparison.Ordinal))
        {
            Assert.Equal("", await connection.ReadToEndAsync());
        }
    }

    /// <summary>The content that a client sends all the same is passed over, and the connection can be upgraded.</summary>
    [Theory]
    [InlineData("Content-Length: 5\r\n", "hello")]
    [InlineData("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")]
    public async Task S31_ContentBehindRefusal_PassedOver(string fields, string content)
    {
        var calls = new Calls();
        await using var server = await StartAsync(calls);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"POST /secret HTTP/1.1\r\n{Host}{fields}\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(content);
        await connection.UpgradeAsync(Request(method: "OPTIONS", target: "*"));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync($"POST /secret HTTP/1.1\r\n{Host}Content-Length: 5\r\n\r\nhello");
        Assert.Equal("secret", (await connection.ReadResponseAsync()).Content);
        Assert.Equal(1, calls.Count);
    }

    /// <summary>A refusal that ends the connection reaches a client that is still sending.</summary>
    [Fact]
    public async Task S80_StillSendingWhenRefused_ReadsAllOfTheAnswer()
    {
        await using var server = await StartAsync(new Calls());
        await using var connection = await server.ConnectAsync();
        var content = new byte[1024 * 1024];
        await connection.SendAsync($"POST /secret HTTP/1.1\r\n{Host}Connection: close\r\nContent-Length: {content.Length}\r\n\r\n");
        await connection.SendAsync(content);
        var response = await connection.ReadResponseAsync();
        Assert.Equal((426, "close, Upgrade"), (response.Status, response["Connection"]));
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    /// <summary>RFC 2817 section 4.2, all of it on one connection.</summary>
    [Fact]
    public async Task S30_RefusedThenUpgraded_Served()
    {
        var calls = new Calls();
        await using var server = await StartAsync(calls);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret HTTP/1.1\r\n{Host}\r\n");
        Assert.Equal(426, (await connection.ReadResponseAsync()).Status);
        await connection.UpgradeAsync(Request(target: "/secret"));
        var response = await connection.ReadResponseAsync();
        Assert.Equal(200, response.Status);
        Assert.Equal("secret", response.Content);
        Assert.Null(response["Upgrade"]);
        Assert.Equal(1, calls.Count);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task ForwardedProto_CountsOnlyWhereTrusted(bool isTrusted, bool routesFirst)
    {
        var calls = new Calls();
        await using var server = await StartAsync(calls, app =>
        {
            if (isTrusted || routesFirst)
            {
                if (routesFirst)
                {
                    app.UseRouting();
                }

                app.UseForwardedHeaders(new() { ForwardedHeaders = ForwardedHeaders.XForwardedProto });
            }
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /secret HTTP/1.1\r\n{Host}X-Forwarded-Proto: https\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.Equal(isTrusted || routesFirst ? 200 : 403, response.Status);
        Assert.Equal(isTrusted || routesFirst ? 1 : 0, calls.Count);

        await connection.SendAsync($"GET /secret HTTP/1.1\r\n{Host}X-Forwarded-Proto: http\r\n\r\n");
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
    }

    private static Task<UpgradeServer> StartAsync(Calls calls, Action<WebApplication>? before = null) => UpgradeServer.StartAsync(
        services: services => services.AddSingleton(calls),
        app: app =>
        {
            before?.Invoke(app);
            app.Map("/secret", (HttpContext context) =>
            {
                calls.Count++;
                return "secret";
            }).RequireTlsUpgrade();
        });

    private sealed class Calls
    {
        public int Count { get; set; }
    }
}
