using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace KestrelTlsUpgrade.Tunnel.Tests.Conformance;

/// <summary>What a connection is good for after a 407 (RFC 9931 section 8).</summary>
public sealed class ChallengeTests
{
    private const string Answer = "Proxy-Authorization: Basic dTpw\r\n";
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private int _handled;

    private static string Connect(string authority, string fields = "") => $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{fields}\r\n";

    private Task<UpgradeServer> StartAsync(
        Action<ConnectTunnelOptions>? configure = null,
        Action<KestrelServerOptions>? server = null,
        Action<ListenOptions>? endpoint = null) => TunnelProxy.StartAsync(
            options =>
            {
                options.Authorize = context => new(context.ProxyAuthorization == "Basic dTpw"
                    ? ConnectTunnelAuthorizationResult.Allow
                    : ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"a\""));
                configure?.Invoke(options);
            },
            endpoint: endpoint,
            server: server,
            app: app => app.Run(context =>
            {
                Interlocked.Increment(ref _handled);
                return context.Response.WriteAsync("handled");
            }));

    private static async Task AssertChallengeAsync(RawConnection connection, string persistence)
    {
        var response = await connection.ReadResponseAsync();
        Assert.Equal((407, persistence), (response.Status, response["Connection"]));
        Assert.Equal("Basic realm=\"a\"", response["Proxy-Authenticate"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Proxy-Connection: Keep-Alive\r\n")]
    public async Task P24_AnswerOnTheSameConnection_IsATunnel(string fields)
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect(origin.Authority, fields));
        await AssertChallengeAsync(connection, "keep-alive");
        await connection.SendAsync($"{Connect(origin.Authority, fields + Answer)}hello");
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        Assert.Equal("hello", Encoding.ASCII.GetString(await connection.ReadAsync(5)));
    }

    [Fact]
    public async Task P24_AnswerInPieces_IsATunnel()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect(origin.Authority));
        await AssertChallengeAsync(connection, "keep-alive");
        foreach (var one in Encoding.ASCII.GetBytes(Connect(origin.Authority, Answer)))
        {
            await connection.SendAsync(new[] { one });
        }

        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
    }

    [Fact]
    public async Task P24_RefusalOfTheAnswer_EndsTheConnection()
    {
        await using var proxy = await StartAsync(options => options.AllowedPorts.Remove(25));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("127.0.0.1:25"));
        await AssertChallengeAsync(connection, "keep-alive");
        await connection.SendAsync(Connect("127.0.0.1:25", Answer));
        Assert.Equal(403, (await connection.ReadRefusalAsync()).Status);
    }

    [Theory]
    [InlineData(Smuggled, 400)]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + Smuggled, 400)]
    [InlineData("\x16\x03\x01 and more", 400)]
    [InlineData("C" + Smuggled, 400)]
    [InlineData("GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n", 400)]
    [InlineData("CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n" + Smuggled, 400)]
    [InlineData("CONNECT a.test:443 HTTP/2.0\r\nHost: a.test\r\n\r\n" + Smuggled, 505)]
    public async Task P23_A17_BehindAChallenge_NothingButAConnectIsProcessed(string next, int status)
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443"));
        await AssertChallengeAsync(connection, "keep-alive");
        await connection.SendAsync(next);
        Assert.Equal(status, (await connection.ReadRefusalAsync()).Status);
        Assert.Equal(0, _handled);
    }

    [Theory]
    [InlineData("", Smuggled)]
    [InlineData("", "\x16")]
    [InlineData("Connection: close\r\n", "")]
    [InlineData("Connection: x, Close\r\n", "")]
    [InlineData("Proxy-Connection: close\r\n", "")]
    public async Task P23_CallerThatDoesNotWaitOrAsksForTheEnd_IsClosed(string fields, string behind)
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443", fields) + behind);
        await AssertChallengeAsync(connection, "close");
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(0, _handled);
    }

    [Fact]
    public async Task P14_Http10_IsClosed()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n");
        await AssertChallengeAsync(connection, "close");
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task ManyChallenges_TheLastOneEndsTheConnection()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        for (var i = 1; i <= 8; i++)
        {
            await connection.SendAsync(Connect("a.test:443", i % 2 == 0 ? "Proxy-Authorization: Basic wrong\r\n" : ""));
            await AssertChallengeAsync(connection, i < 8 ? "keep-alive" : "close");
        }

        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    /// <summary>
    /// Without credentials it may come from somebody whose bytes the caller sent ahead. A caller that only uses the connection again opens
    /// another one.
    /// </summary>
    [Fact]
    public async Task P23_WithoutCredentialsBehindAChallenge_NoTunnelAndNoAnswer()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync(options => options.Authorize = context => new(
            context.Host == "a.test" ? ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"a\"") : ConnectTunnelAuthorizationResult.Allow));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443"));
        await AssertChallengeAsync(connection, "keep-alive");
        await connection.SendAsync(Connect(origin.Authority));
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(0, origin.Count);
        await using var another = await proxy.TunnelAsync(origin.Authority);
    }

    /// <summary>Bytes sent ahead are as good as any others to an authorization that asks no credentials for their target.</summary>
    [Theory]
    [InlineData(false, Answer)]
    [InlineData(true, Answer)]
    [InlineData(false, "")]
    [InlineData(true, "")]
    public async Task P23_ConnectSentAheadOfAChallenge_NoTunnel(bool isTls, string fields)
    {
        var asked = new TaskCompletionSource();
        var isAhead = new TaskCompletionSource();
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync(
            options => options.Authorize = async context =>
            {
                if (context.Host != "a.test")
                {
                    return ConnectTunnelAuthorizationResult.Allow;
                }

                asked.TrySetResult();
                await isAhead.Task;
                return ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"a\"");
            },
            endpoint: isTls ? listen => listen.UseHttps(TestCertificates.Server) : null);
        await using var connection = await proxy.ConnectAsync();
        if (isTls)
        {
            await connection.StartTlsAsync();
        }

        await connection.SendAsync(Connect("a.test:443"));
        await asked.Task.WaitAsync(RawConnection.Patience);
        await connection.SendAsync(Connect(origin.Authority, fields));
        isAhead.SetResult();
        Assert.Equal(407, (await connection.ReadResponseAsync()).Status);
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(0, origin.Count);
    }

    [Theory]
    [InlineData("b.test:443")]
    [InlineData("a.test:444")]
    [InlineData("a.test.:443")]
    public async Task P23_AnotherTargetBehindAChallenge_NotEvenAuthorized(string target)
    {
        var count = 0;
        await using var proxy = await StartAsync(options => options.Authorize = _ =>
        {
            count++;
            return new(ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"a\""));
        });
        foreach (var fields in new[] { "", Answer })
        {
            count = 0;
            await using var connection = await proxy.ConnectAsync();
            await connection.SendAsync(Connect("a.test:443"));
            await AssertChallengeAsync(connection, "keep-alive");
            await connection.SendAsync(Connect("A.TEST:443", Answer));
            await AssertChallengeAsync(connection, "keep-alive");
            await connection.SendAsync(Connect(target, fields) + Smuggled);
            Assert.Equal("", await connection.ReadToEndAsync());
            Assert.Equal(2, count);
        }

        Assert.Equal(0, _handled);
    }

    [Fact]
    public async Task P23_SameTargetWithoutCredentials_ThatNeedsNoneAnyMore_NoTunnelAndNoAnswer()
    {
        var count = 0;
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync(options => options.Authorize = _ => new(
            Interlocked.Increment(ref count) == 1 ? ConnectTunnelAuthorizationResult.Challenge("Basic realm=\"a\"") : ConnectTunnelAuthorizationResult.Allow));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect(origin.Authority));
        await AssertChallengeAsync(connection, "keep-alive");
        await connection.SendAsync(Connect(origin.Authority));
        Assert.Equal("", await connection.ReadToEndAsync());
        Assert.Equal(0, origin.Count);
    }

    [Fact]
    public async Task SilenceBehindAChallenge_EndsAtTheKeepAliveTimeout()
    {
        await using var proxy = await StartAsync(server: options => options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443"));
        await AssertChallengeAsync(connection, "keep-alive");
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task SlowAnswer_408AndEnd()
    {
        await using var proxy = await StartAsync(server: options => options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443"));
        await AssertChallengeAsync(connection, "keep-alive");
        await connection.SendAsync("CONNECT a.te");
        Assert.Equal(408, (await connection.ReadRefusalAsync()).Status);
    }

    [Fact]
    public async Task CallerThatEndsAfterAChallenge_NoFurtherAnswer()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443"));
        await AssertChallengeAsync(connection, "keep-alive");
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task ServerThatStops_EndsConnectionsThatWait()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync(Connect("a.test:443"));
        await AssertChallengeAsync(connection, "keep-alive");
        await proxy.StopAsync();
        Assert.Equal("", await connection.ReadToEndAsync());
    }
}
