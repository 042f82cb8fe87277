using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Conformance;

/// <summary>What goes through a tunnel, and how that ends (RFC 9110 section 9.3.6, RFC 2817 section 5.3).</summary>
public sealed class RelayTests
{
    private static async Task ReadToResetAsync(NetworkStream stream)
    {
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    [Fact]
    public async Task P18_TenMegabytesBothWays_AreIdentical()
    {
        var bytes = RandomNumberGenerator.GetBytes(10 * 1024 * 1024);
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.CopyTo(bytes.AsSpan(5_000_000));
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        var reading = connection.ReadBytesToEndAsync();
        await connection.SendAsync(bytes);
        connection.Shutdown();
        var got = await reading;
        Assert.True(bytes.AsSpan().SequenceEqual(got));
    }

    [Fact]
    public async Task P28_DestinationEnds_CallerGetsAllOfItAndTheEnd()
    {
        var bytes = RandomNumberGenerator.GetBytes(1024 * 1024);
        await using var origin = new Origin(async stream => await stream.WriteAsync(bytes));
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        var got = await connection.ReadBytesToEndAsync();
        Assert.True(bytes.AsSpan().SequenceEqual(got));

        // What the caller still says is nobody's.
        try
        {
            await connection.SendAsync("more");
        }
        catch (IOException)
        {
        }

        await proxy.EndedAsync("completed");
    }

    [Fact]
    public async Task P28_CallerEnds_DestinationGetsAllOfItAndTheEnd()
    {
        var bytes = RandomNumberGenerator.GetBytes(1024 * 1024);
        var received = new TaskCompletionSource<byte[]>();
        await using var origin = new Origin(async stream =>
        {
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            received.SetResult(all.ToArray());
        });
        await using var proxy = await TunnelProxy.StartAsync();
        await using (var connection = await proxy.TunnelAsync(origin.Authority))
        {
            await connection.SendAsync(bytes);
        }

        var got = await received.Task.WaitAsync(RawConnection.Patience);
        Assert.True(bytes.AsSpan().SequenceEqual(got));
    }

    [Fact]
    public async Task P29_HalfClose_DestinationSeesTheEndAndItsReplyArrives()
    {
        await using var origin = new Origin(async stream =>
        {
            using var all = new MemoryStream();
            await stream.CopyToAsync(all);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"got {all.Length}"));
        });
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        await connection.SendAsync("request");
        connection.Shutdown();
        Assert.Equal("got 7", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task P29_HalfCloseRightBehindConnect_TunnelsAllTheSame()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\nearly");
        connection.Shutdown();
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\nearly", await connection.ReadToEndAsync());
    }

    [Fact]
    public async Task P29_HalfCloseAndNoReply_EndsAtTheLingerBound()
    {
        var over = new TaskCompletionSource();
        await using var origin = new Origin(async stream =>
        {
            await ReadToResetAsync(stream);
            await over.Task;
        });
        await using var proxy = await TunnelProxy.StartAsync(options => options.LingerTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        connection.Shutdown();
        Assert.Equal("", await connection.ReadToEndAsync());
        over.SetResult();
        await proxy.EndedAsync("idle_timeout");
    }

    [Fact]
    public async Task P30_DestinationResets_CallerSeesTheEnd()
    {
        await using var origin = new Origin(stream =>
        {
            stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            stream.Socket.Dispose();
            return Task.CompletedTask;
        });
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT {origin.Authority} HTTP/1.1\r\nHost: a\r\n\r\n");
        await connection.ReadToEndAsync();
        await proxy.EndedAsync("destination_aborted", "connection_refused");
    }

    [Fact]
    public async Task P30_CallerResets_DestinationSeesAReset()
    {
        var end = new TaskCompletionSource<Exception?>();
        await using var origin = new Origin(async stream => end.SetResult(await Record.ExceptionAsync(() => ReadToResetAsync(stream))));
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority, early: "x");
        connection.Reset();
        Assert.IsType<IOException>(await end.Task.WaitAsync(RawConnection.Patience));
        await proxy.EndedAsync("caller_aborted");
    }

    [Fact]
    public async Task P31_Silence_EndsBothSides()
    {
        var end = new TaskCompletionSource();
        await using var origin = new Origin(async stream =>
        {
            await Record.ExceptionAsync(() => ReadToResetAsync(stream));
            end.SetResult();
        });
        await using var proxy = await TunnelProxy.StartAsync(options => options.IdleTimeout = TimeSpan.FromSeconds(1));
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        Assert.Equal("", await connection.ReadToEndAsync());
        await end.Task.WaitAsync(RawConnection.Patience);
        await proxy.EndedAsync("idle_timeout");
    }

    /// <summary>The TimeProvider of an application is for its own purposes.</summary>
    [Fact]
    public async Task P31_Idle_ClockOfTheApplicationStandsStill_TunnelEnds()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.IdleTimeout = TimeSpan.FromSeconds(1),
            services: static services => services.AddSingleton<TimeProvider>(new FakeTimeProvider()));
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        Assert.Equal("", await connection.ReadToEndAsync());
        await proxy.EndedAsync("idle_timeout");
    }

    [Fact]
    public async Task P31_Traffic_KeepsTheTunnelOpen()
    {
        var time = new FakeTimeProvider();
        using var probe = new ConnectionProbe();
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.IdleTimeout = TimeSpan.FromSeconds(3),
            endpoint: probe.Attach,
            services: services => services.SetServerClock(time));
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        for (var i = 0; i < 2; i++)
        {
            await connection.SendAsync("x");
            await connection.ReadAsync(1);
            await LookAsync();
            time.Advance(TimeSpan.FromSeconds(2));
            await LookAsync();
        }

        await connection.SendAsync("x");
        await connection.ReadAsync(1);

        // One heartbeat may have begun before.
        async Task LookAsync()
        {
            await probe.HeartbeatAsync();
            await probe.HeartbeatAsync();
        }
    }

    [Fact]
    public async Task ServerStops_TunnelEndsInOrder()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await TunnelProxy.StartAsync();
        await using var connection = await proxy.TunnelAsync(origin.Authority);
        await connection.SendAsync("x");
        await connection.ReadAsync(1);
        var stopping = proxy.StopAsync();
        Assert.Equal("", await connection.ReadToEndAsync());
        await stopping.WaitAsync(RawConnection.Patience);
        await proxy.EndedAsync("server_stopped");
    }
}
