using System.Collections.Concurrent;
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
        await connection.SendAsync(Request() + ClientHello.OfTls12(0xC0, 0x2B));
        await connection.ReadResponseAsync();
        Assert.Equal(0x16, (await connection.ReadAsync(1))[0]);
    }

    private static Task<UpgradeServer> StartAsync(ConcurrentQueue<string> paths) => UpgradeServer.StartAsync(app: app => app.Run(context =>
    {
        paths.Enqueue(context.Request.Path);
        return UpgradeServer.DescribeAsync(context);
    }));
}
