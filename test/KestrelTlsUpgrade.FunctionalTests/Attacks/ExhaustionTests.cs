using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>Requirement A-31: clients that offer for ever, never come to an end, or never mean it.</summary>
public sealed class ExhaustionTests
{
    private const string Plain = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Fact]
    public async Task A31_HundredThousandOffersInARow_AnsweredAndNothingPilesUp()
    {
        const int Batches = 100;
        string[] offers =
        [
            Request(token: "TLS/9.9"), Request(token: "h2c"), Request(token: "websocket, TLS/1.2"), Request("DELETE"),
            Request("POST", fields: "Content-Length: 0\r\n"),
        ];
        using var probe = new ConnectionProbe();
        await using var server = await UpgradeServer.StartAsync(
            endpoint: probe.Attach, app: static app => app.Run(static context => context.Response.WriteAsync("x")));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(offers[0]);
        var length = (await connection.ReadHeadAsync()).Length + (await connection.ReadAsync("1\r\nx\r\n0\r\n\r\n".Length)).Length;
        var batch = string.Concat(Enumerable.Repeat(string.Concat(offers), 1000 / offers.Length));
        for (var i = 0; i < Batches; i++)
        {
            var sending = connection.SendAsync(batch);
            var answers = Encoding.Latin1.GetString(await connection.ReadAsync(1000 * length));
            await sending;
            Assert.Equal(1000 + 1, answers.Split("HTTP/1.1 200 OK\r\n").Length);
        }

        await connection.UpgradeAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);

        // The wait for the first bytes, plaintext HTTP, the first read over TLS and HTTP over TLS.
        Assert.InRange(probe.HeartbeatRegistrations, 3, 4);
    }

    /// <summary>Slowloris: a byte now and then, without an end. Each phase has a bound on all of it, not on the next byte.</summary>
    [Theory]
    [InlineData("first head", "GET / HTTP/1.1\r\nX: ", "HTTP/1.1 408")]
    [InlineData("first head with an offer", "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\nX: ", "HTTP/1.1 408")]
    [InlineData("later head", "GET / HTTP/1.1\r\nX: ", "HTTP/1.1 408")]
    [InlineData("handshake after a first upgrade", "\u0016\u0003\u0001\u0040\0\u0001\0\u003f\u00fc\u0003\u0003", "")]
    [InlineData("handshake after a later upgrade", "\u0016\u0003\u0001\u0040\0\u0001\0\u003f\u00fc\u0003\u0003", "")]
    [InlineData("direct handshake", "\u0016\u0003\u0001\u0040\0\u0001\0\u003f\u00fc\u0003\u0003", "")]
    [InlineData("head inside TLS", "GET / HTTP/1.1\r\nX: ", "HTTP/1.1 408")]
    public async Task A31_ByteNowAndThen_EndsInTime(string phase, string beginning, string answer)
    {
        await using var server = await UpgradeServer.StartAsync(
            options =>
            {
                options.DirectTls = DirectTlsMode.Any;
                options.Https.HandshakeTimeout = TimeSpan.FromSeconds(1);
            },
            server: options => options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await server.ConnectAsync().AfterAsync(phase.Contains("later"));
        if (phase.StartsWith("handshake", StringComparison.Ordinal))
        {
            await connection.SendAsync(Request());
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        }
        else if (phase is "head inside TLS")
        {
            await connection.UpgradeAsync();
            await connection.ReadResponseAsync();
        }

        await connection.SendAsync(beginning);
        var end = connection.ReadToEndAsync();
        while (!end.IsCompleted)
        {
            try
            {
                await connection.SendAsync("a");
            }
            catch (IOException)
            {
                // It has ended.
                break;
            }

            await Task.WhenAny(end, Task.Delay(50));
        }

        Assert.Equal(answer, string.Join(' ', (await end).Split(' ').Take(2)));
    }

    [Fact]
    public async Task A31_FloodOfFalseHandshakes_OthersAreServed()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        using var isOver = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 16).Select(async i =>
        {
            var count = 0;
            for (; !isOver.IsCancellationRequested; count++)
            {
                await using var connection = await server.ConnectAsync();
                await connection.SendAsync((i % 2 == 0 ? Request() : "") + "\u0016\u0003\u0001\0\u0005false");
                await connection.ReadToEndAsync();
            }

            return count;
        }).ToArray();
        for (var i = 0; i < 50; i++)
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later: i % 2 == 0);
            await connection.UpgradeAsync();
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            await connection.SendAsync(Plain);
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }

        await isOver.CancelAsync();
        Assert.All(await Task.WhenAll(flood), static count => Assert.InRange(count, 1, int.MaxValue));
    }
}
