using System.Collections.Concurrent;
using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Faults;

/// <summary>Requirements: octets behind an upgrade request are never read as HTTP.</summary>
public sealed class PlaintextInjectionTests
{
    private const string Injected = "GET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A01_RequestBehindTheUpgrade_InOneSegment_NeverRuns(bool later)
    {
        var paths = new ConcurrentQueue<string>();
        await using var server = await StartAsync(paths);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request() + Injected);
        var answer = await connection.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 101", answer);
        Assert.DoesNotContain("HTTP/1.1 2", answer);
        Assert.DoesNotContain("/admin", paths);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A01_RequestBehindTheUpgrade_InSeveralSegments_NeverRuns(bool later)
    {
        var paths = new ConcurrentQueue<string>();
        await using var server = await StartAsync(paths);
        var bytes = Request() + Injected;
        var end = Request().Length;
        foreach (var cut in new[] { 1, end - 3, end - 1, end, end + 1, end + 5, bytes.Length - 1 })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(bytes[..cut]);
            await Task.Yield();
            await connection.SendAsync(bytes[cut..]);
            Assert.DoesNotContain("HTTP/1.1 2", await connection.ReadToEndAsync());
        }

        Assert.DoesNotContain("/admin", paths);
        Assert.DoesNotContain("/x", paths);
    }

    [Fact]
    public async Task A01_RequestsPipelinedAroundTheUpgrade_OnlyTheOneBeforeRuns()
    {
        var paths = new ConcurrentQueue<string>();
        await using var server = await StartAsync(paths);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("GET /before HTTP/1.1\r\nHost: localhost\r\n\r\n" + Request() + Injected);
        Assert.StartsWith("GET /before", (await connection.ReadResponseAsync()).Content);
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        Assert.DoesNotContain("HTTP/", await connection.ReadToEndAsync());
        Assert.Equal(["/before"], paths);
    }

    /// <summary>What looks like the start of a handshake is one to TLS alone: a request in it runs as little as one behind it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A01_ForgedStartOfAClientHello_NothingRuns(bool later)
    {
        var paths = new ConcurrentQueue<string>();
        await using var server = await StartAsync(paths, options => options.Https.HandshakeTimeout = TimeSpan.FromSeconds(2));
        foreach (var forged in new[]
        {
            $"\u0016\u0003\u0001\0{(char)Injected.Length}{Injected}", // A request as the record's content.
            $"\u0016\u0003\u0001\0\u0005\u0001\0\0\u0001\0{Injected}", // A request behind the record.
            "\u0016\u0003\u0001\u0010\0", // A record that takes in what the victim sends.
            "\u0016\u0003\u0001\0\u0004\u0001\0\u0010\0", // A message that does.
        })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request() + forged);
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            var victim = await Record.ExceptionAsync(() => connection.StartTlsAsync());
            Assert.True(victim is IOException or AuthenticationException, victim?.ToString());
        }

        Assert.DoesNotContain("/admin", paths);
        Assert.DoesNotContain("/x", paths);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A02_RequestBehindTheUpgrade_Later_NeverRuns(bool later)
    {
        var paths = new ConcurrentQueue<string>();
        await using var server = await StartAsync(paths);
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request());

            // From at once to after the 101 has been read.
            for (var turn = 0; turn < i % 20; turn++)
            {
                await Task.Yield();
            }

            if (i % 4 == 0)
            {
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            }

            await connection.SendAsync(Injected);
            Assert.DoesNotContain("HTTP/1.1 2", await connection.ReadToEndAsync());
        });
        Assert.DoesNotContain("/admin", paths);
        Assert.DoesNotContain("/x", paths);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientHelloBehindTheUpgrade_NotWaitingForTheAnswer_Serves(bool later)
    {
        // RFC 9931 forbids clients to do that; a server loses nothing by being able to.
        await using var server = await StartAsync(new());
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request() + HelloText.OfTls12(0xC0, 0x2B));
        await connection.ReadResponseAsync();
        Assert.Equal(0x16, (await connection.ReadAsync(1))[0]);
    }

    private static Task<UpgradeServer> StartAsync(ConcurrentQueue<string> paths, Action<TlsUpgradeOptions>? upgrade = null) =>
        UpgradeServer.StartAsync(upgrade, app: app => app.Run(context =>
        {
            paths.Enqueue(context.Request.Path);
            return UpgradeServer.DescribeAsync(context);
        }));
}
