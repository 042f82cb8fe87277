using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Hosting;
using KestrelTlsUpgrade.Tunnel.Internal.Relaying;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.Tunnel.Tests.Faults;

/// <summary>Many tunnels, slow ones, and callers and destinations that disappear.</summary>
public sealed class LoadTests(ITestOutputHelper output)
{
    /// <summary>Set to measure more tunnels than a test needs.</summary>
    private static readonly int Tunnels = int.Parse(
        Environment.GetEnvironmentVariable("TUNNELS") ?? "1000", System.Globalization.CultureInfo.InvariantCulture);

    private static long GetMemory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static async Task<(long Memory, List<RawConnection> Connections)> OpenAsync(Func<Task<RawConnection>> open)
    {
        var connections = new List<RawConnection>();
        var before = GetMemory();
        for (var i = 0; i < Tunnels; i++)
        {
            connections.Add(await open());
        }

        return (GetMemory() - before, connections);
    }

    [Fact]
    public async Task ManyIdleTunnels_AllWorkAndAllEnd()
    {
        using var counters = new KestrelCounters();
        await using var origin = new Origin(static async stream =>
        {
            var one = new byte[1];
            while (await stream.ReadAsync(one) > 0)
            {
                await stream.WriteAsync(one);
            }
        });
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.MaxTunnelsPerCaller = options.MaxTunnels = Tunnels, services: counters.Observe);

        // What callers and destinations take is not the tunnels'.
        var (direct, connections) = await OpenAsync(() => RawConnection.OpenAsync(System.Net.IPEndPoint.Parse(origin.Authority)));
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        await origin.ServedAsync();
        (var tunnelled, connections) = await OpenAsync(() => proxy.TunnelAsync(origin.Authority));
        output.WriteLine($"{Tunnels} idle tunnels: {(tunnelled - direct) / Tunnels} bytes of managed memory each.");
        Assert.Equal(503, (await proxy.RefusedTargetAsync(origin.Authority)).Status);
        foreach (var connection in connections)
        {
            await connection.SendAsync("x");
            await connection.ReadAsync(1);
        }

        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        await origin.ServedAsync();
        await counters.AllEndedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SlowReader_HoldsTheSenderBack(bool isCallerSlow)
    {
        // What fits between two sockets on loopback, twice, with the transport's buffers between them: far less than what is sent.
        const long Bound = 64 * 1024 * 1024;
        var sent = 0L;
        var block = new byte[64 * 1024];
        async Task FloodAsync(Stream stream)
        {
            while (sent < 10 * Bound)
            {
                await stream.WriteAsync(block);
                Interlocked.Add(ref sent, block.Length);
            }
        }

        var over = new TaskCompletionSource();
        await using var origin = new Origin(stream => isCallerSlow ? FloodAsync(stream) : over.Task);
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        var flood = isCallerSlow ? Task.CompletedTask : FloodAsync(connection.Wire);
        await Standstill.UntilAsync(() => Interlocked.Read(ref sent), Bound);
        over.SetResult();
        connection.Reset();
        await Record.ExceptionAsync(() => flood);
        await origin.ServedAsync();
        output.WriteLine($"{sent} bytes in flight.");
    }

    /// <summary>Much in one direction moves in large blocks, of which nothing is held when the tunnel has ended in the middle of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LargeBlocks_AreGivenBack(bool isToCaller)
    {
        static async Task FloodAsync(Stream stream)
        {
            for (var block = new byte[64 * 1024]; ;)
            {
                await stream.WriteAsync(block);
            }
        }

        var large = new TaskCompletionSource<LargeBlocks>();
        var seen = new TaskCompletionSource();
        async Task DrainAsync(Stream stream)
        {
            var blocks = await large.Task;
            for (var block = new byte[64 * 1024]; await stream.ReadAsync(block) > 0;)
            {
                if (blocks.Taken > 0)
                {
                    seen.TrySetResult();
                }
            }
        }

        await using var origin = new Origin(isToCaller ? FloodAsync : DrainAsync);
        await using var proxy = await TunnelProxy.StartAsync();
        var blocks = TunnelServices.Of(proxy.Services.GetRequiredService<IServiceProvider>()).LargeBlocks;
        large.SetResult(blocks);
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        var traffic = isToCaller ? DrainAsync(connection.Wire) : FloodAsync(connection.Wire);
        await seen.Task.WaitAsync(RawConnection.Patience);
        connection.Reset();
        await Record.ExceptionAsync(() => traffic);
        await origin.ServedAsync();
        await Settling.UntilAsync(() => blocks.Taken == 0, () => $"{blocks.Taken} bytes in large blocks");
    }

    [Fact]
    public async Task P20_EarlyBytes_AreHeldBack()
    {
        var asked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var bytes = new byte[10 * 1024 * 1024];
        Random.Shared.NextBytes(bytes);
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.Authorize = async _ =>
            {
                asked.SetResult();
                await goOn.Task;
                return ConnectTunnelAuthorizationResult.Allow;
            },
            server: options => options.Limits.MaxRequestBufferSize = 64 * 1024);
        await using var connection = await proxy.ConnectAsync();
        connection.Socket.SendBufferSize = 64 * 1024;
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\n");
        await asked.Task.WaitAsync(RawConnection.Patience);
        var sent = 0L;
        var sending = SendAsync();
        await Standstill.UntilAsync(() => Interlocked.Read(ref sent), bytes.Length);
        goOn.SetResult();
        Assert.Equal(200, (await connection.ReadResponseAsync(toHead: true)).Status);
        var got = await connection.ReadAsync(bytes.Length);
        await sending;
        Assert.True(bytes.AsSpan().SequenceEqual(got));

        async Task SendAsync()
        {
            foreach (var block in bytes.Chunk(64 * 1024))
            {
                await connection.SendAsync(block);
                Interlocked.Add(ref sent, block.Length);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("CONN")]
    [InlineData("CONNECT {0} HTTP/1.1\r\nHost")]
    [InlineData("CONNECT {0} HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("CONNECT {0} HTTP/1.1\r\nHost: a\r\n\r\nearly")]
    [InlineData("CONNECT 10.0.0.1:1 HTTP/1.1\r\nHost: a\r\n\r\nearly")]
    [InlineData("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task CallerDisappears_NothingIsLeft(string request)
    {
        using var counters = new KestrelCounters();
        await using var origin = Origin.Echo();
        await using (var proxy = await TunnelProxy.StartAsync(services: counters.Observe))
        {
            foreach (var isReset in new[] { true, false })
            {
                for (var i = 0; i < 20; i++)
                {
                    await using var connection = await proxy.ConnectAsync();
                    await connection.SendAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, request, origin.Authority));
                    if (i % 2 == 0 && request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                    {
                        await connection.ReadHeadAsync();
                    }

                    if (isReset)
                    {
                        connection.Reset();
                    }
                }
            }

            await origin.ServedAsync();
            await counters.AllEndedAsync();
        }

        await origin.ServedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DestinationDisappearsAtAnyByte_NothingIsLeft(bool isReset)
    {
        using var counters = new KestrelCounters();
        var count = 0;
        await using var origin = new Origin(async stream =>
        {
            var length = Interlocked.Increment(ref count) % 10;
            await stream.WriteAsync(new byte[length * length * 1000]);
            if (isReset)
            {
                stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
                stream.Socket.Dispose();
            }
        });
        await using var proxy = await TunnelProxy.StartAsync(services: counters.Observe);
        for (var i = 0; i < 40; i++)
        {
            await using var connection = await proxy.ConnectAsync();
            await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\nearly");
            await connection.ReadToEndAsync();
        }

        await counters.AllEndedAsync();
    }

    [Fact]
    public async Task CallerDoesNotTakeTheLastBytes_EndsAtTheLingerBound()
    {
        using var counters = new KestrelCounters();
        await using var origin = new Origin(async stream => await stream.WriteAsync(new byte[100 * 1024 * 1024]));
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.IdleTimeout = options.LingerTimeout = TimeSpan.FromSeconds(1), services: counters.Observe);
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        await counters.AllEndedAsync();
    }
}
