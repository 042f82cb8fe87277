using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.FunctionalTests.Interop;

/// <summary>What clients put on the wire that cannot be installed here, byte for byte as it was captured.</summary>
public sealed class RecordedClientTests
{
    /// <summary>The bytes, the ALPN offer of the ClientHello, and the next request of the pooled connection.</summary>
    public static TheoryData<string, string, string?, string> Captures => new()
    {
        {
            "Apache HttpClient 5.4.1 classic",
            "GET /hello.txt HTTP/1.1\r\nAccept-Encoding: gzip, x-gzip, deflate\r\nHost: 127.0.0.1:18091\r\nConnection: keep-alive\r\n"
            + "User-Agent: Apache-HttpClient/5.4.1 (Java/17.0.15)\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n",
            null,
            "GET /hello.txt HTTP/1.1\r\nAccept-Encoding: gzip, x-gzip, deflate\r\nHost: 127.0.0.1:18091\r\nConnection: keep-alive\r\n"
            + "User-Agent: Apache-HttpClient/5.4.1 (Java/17.0.15)\r\n\r\n"
        },
        {
            "Apache HttpClient 5.4.1 async",
            "GET /hello.txt HTTP/1.1\r\nHost: 127.0.0.1:18091\r\nConnection: keep-alive\r\n"
            + "User-Agent: Apache-HttpAsyncClient/5.4.1 (Java/17.0.15)\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n",
            "http/1.1",
            "GET /hello.txt HTTP/1.1\r\nHost: 127.0.0.1:18091\r\nConnection: keep-alive\r\n"
            + "User-Agent: Apache-HttpAsyncClient/5.4.1 (Java/17.0.15)\r\n\r\n"
        },
        {
            "Apache HttpClient 5.6.4 classic, upgrade interceptor first",
            "GET /hello.txt HTTP/1.1\r\nAccept-Encoding: gzip, deflate, x-gzip\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n"
            + "Host: 127.0.0.1:18091\r\nUser-Agent: Apache-HttpClient/5.6.4 (Java/17.0.15)\r\n\r\n",
            null,
            "GET /hello.txt HTTP/1.1\r\nHost: 127.0.0.1:18091\r\nConnection: keep-alive\r\n"
            + "User-Agent: Apache-HttpClient/5.6.4 (Java/17.0.15)\r\n\r\n"
        },
        {
            "Request to Apache httpd 2.4.62",
            "GET /hello.txt HTTP/1.1\r\nHost: 127.0.0.1:18081\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n",
            null,
            "GET /hello.txt HTTP/1.1\r\nHost: 127.0.0.1:18081\r\n\r\n"
        },
    };

    [Theory]
    [MemberData(nameof(Captures))]
    public async Task Get_UpgradedAndConnectionReused(string client, string request, string? alpn, string next)
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.Run(context => context.Response.WriteAsync("hello, world\n")));
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(request, serverName: null, alpn is null ? [] : [new SslApplicationProtocol(alpn)]);
            foreach (var send in new[] { "", next, next })
            {
                await connection.SendAsync(send);
                var response = await connection.ReadResponseAsync();
                Assert.True(response.Content == "hello, world\n", client);
                Assert.Null(response["Upgrade"]);
            }
        }
    }

    [Fact]
    public async Task ApacheHttpd_SameSwitchingProtocols_InTheSameNumberOfBytes()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /hello.txt HTTP/1.1\r\nHost: 127.0.0.1:18081\r\nUpgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n");
        var head = await connection.ReadHeadAsync();
        Assert.Equal(85, head.Length);
        Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\n\r\n", head);
    }

    [Fact]
    public async Task Cups_OptionsThenPostWithExpect()
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.MapPost("/ipp/print", async (HttpContext context) =>
        {
            using var content = new MemoryStream();
            await context.Request.Body.CopyToAsync(content);
            return $"{content.Length} {context.Request.Scheme}";
        }));
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(
            "OPTIONS * HTTP/1.1\r\nConnection: Upgrade\r\nHost: localhost:18092\r\nUpgrade: TLS/1.2,TLS/1.1,TLS/1.0\r\n"
            + "User-Agent: CUPS/2.4.2 (Linux 6.1.0; x86_64) IPP/2.0\r\n\r\n");

        // libcups reads the head and nothing more: a byte of content would be taken for the next response.
        Assert.Contains("\r\nContent-Length: 0\r\n", await connection.ReadHeadAsync());
        await connection.SendAsync(
            "POST /ipp/print HTTP/1.1\r\nContent-Length: 119\r\nContent-Type: application/ipp\r\nHost: localhost:18092\r\n"
            + "User-Agent: CUPS/2.4.2 (Linux 6.1.0; x86_64) IPP/2.0\r\nAccept-Encoding: deflate, gzip, identity\r\nExpect: 100-continue\r\n\r\n");
        Assert.Equal(100, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync(new string('i', 119));
        Assert.Equal("119 https", (await connection.ReadResponseAsync()).Content);
    }
}
