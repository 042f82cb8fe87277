using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Faults;

/// <summary>Callers and destinations that leave while nobody reads from them.</summary>
public sealed class DepartureTests : IDisposable
{
    private const int Places = 20;
    private const long Bound = 64 * 1024 * 1024;

    private readonly SilentResolver _resolver = new();
    private readonly KestrelCounters _counters = new();
    private long _sent;

    public void Dispose()
    {
        _resolver.Dispose();
        _counters.Dispose();
    }

    private Task<UpgradeServer> StartAsync(TimeProvider? time = null, int maxRequestBufferSize = 1024 * 1024) => TunnelProxy.StartAsync(
        options => options.MaxTunnelsPerCaller = Places,
        services: services =>
        {
            services.Resolve(_resolver);
            _counters.Observe(services);
            if (time is not null)
            {
                services.SetServerClock(time);
            }
        },
        server: options => options.Limits.MaxRequestBufferSize = maxRequestBufferSize);

    private async Task FloodAsync(Stream stream)
    {
        for (var block = new byte[64 * 1024]; ;)
        {
            await stream.WriteAsync(block);
            Interlocked.Add(ref _sent, block.Length);
        }
    }

    private Task AtRestAsync() => Standstill.UntilAsync(() => Interlocked.Read(ref _sent), Places * Bound);

    private static async Task OpenAllAsync(UpgradeServer proxy, string authority)
    {
        var connections = new List<RawConnection>();
        for (var i = 0; i < Places; i++)
        {
            connections.Add(await proxy.TunnelAsync(authority));
        }

        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task P32_CallersCloseDuringTheAttempt_TheirPlacesAreFree()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        for (var i = 0; i < Places; i++)
        {
            await using var connection = await proxy.ConnectAsync();
            await connection.SendAsync($"CONNECT {i}.test:{origin.Port} HTTP/1.1\r\nHost: a\r\n\r\n");
            await _resolver.AskedAsync(i + 1);
        }

        await _counters.AllEndedAsync();
        await proxy.EndedAsync("caller_left");
        await OpenAllAsync(proxy, origin.Authority);
        Assert.Equal(Places, origin.Count);
    }

    [Fact]
    public async Task P29_HalfCloseAndALongAttempt_AnsweredThatItTookTooLong()
    {
        await using var proxy = await StartAsync();
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\nearly");
        connection.Shutdown();
        var response = await connection.ReadRefusalAsync();
        Assert.Equal(504, response.Status);
        Assert.Contains("error=connection_timeout", response["Proxy-Status"]);
        await proxy.EndedAsync("caller_left");
    }

    [Fact]
    public async Task P29_HalfCloseBeforeTheAnswer_TunnelsAllTheSame()
    {
        var time = new FakeTimeProvider();
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync(time);
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync($"CONNECT a.test:{origin.Port} HTTP/1.1\r\nHost: a\r\n\r\nearly");
        connection.Shutdown();
        await _resolver.AskedAsync(1);
        time.Advance(Internal.CallerPresence.Grace * 0.9);
        _resolver.Answer("a.test", "127.0.0.1");
        Assert.Equal("HTTP/1.1 200 Connection established\r\n\r\nearly", await connection.ReadToEndAsync());
    }

    /// <summary>Kestrel reads no further than its buffer, so it does not see the reset.</summary>
    [Fact]
    public async Task P20_P32_CallerResetsBehindManyEarlyBytes_ItsPlaceIsFree()
    {
        await using var proxy = await StartAsync(maxRequestBufferSize: 64 * 1024);
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n");
        var flood = FloodAsync(connection.Wire);
        await AtRestAsync();
        connection.Reset();
        await Record.ExceptionAsync(() => flood);
        await proxy.EndedAsync("caller_left");
        await _counters.AllEndedAsync();
    }

    /// <summary>The application may be told by a callback of its own, and that may fail.</summary>
    [Theory]
    [InlineData("reset")]
    [InlineData("reset behind early bytes")]
    [InlineData("stop")]
    public async Task P32_CallbackOfTheApplicationThrows_ItsPlaceIsFreeAndTheEndIsLogged(string end)
    {
        await using var proxy = await TunnelProxy.StartAsync(
            options => options.Authorize = context =>
            {
                context.CancellationToken.Register(static () => throw new FormatException("x"));
                return new(ConnectTunnelAuthorizationResult.Allow);
            },
            services: services =>
            {
                services.Resolve(_resolver);
                _counters.Observe(services);
            },
            server: options => options.Limits.MaxRequestBufferSize = 64 * 1024);
        proxy.IsExpected = static line => line.Id.Name == "AuthorizationFailed";
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("CONNECT a.test:443 HTTP/1.1\r\nHost: a\r\n\r\n");
        await _resolver.AskedAsync(1);
        if (end == "stop")
        {
            await proxy.StopAsync();
        }
        else
        {
            var flood = end == "reset" ? Task.CompletedTask : FloodAsync(connection.Wire);
            if (end != "reset")
            {
                await AtRestAsync();
            }

            connection.Reset();
            await Record.ExceptionAsync(() => flood);
        }

        await proxy.EndedAsync("caller_left");
        await _counters.AllEndedAsync();
        await proxy.Log.WaitForAsync(static line =>
            line.Id.Name == "AuthorizationFailed" && line.Exception is AggregateException { InnerException: FormatException });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P30_CallersResetWhileDestinationsDoNotRead_TheirPlacesAreFree(bool hasEnded)
    {
        var over = new TaskCompletionSource();
        await using var origin = new Origin(async stream =>
        {
            await over.Task;
            await stream.WriteAsync("x"u8.ToArray());
        });
        await using var proxy = await StartAsync();
        try
        {
            var connections = new List<RawConnection>();
            for (var i = 0; i < Places; i++)
            {
                connections.Add(await proxy.TunnelAsync(origin.Authority));
            }

            var floods = connections.ConvertAll(connection => hasEnded ? connection.SendAsync("x") : FloodAsync(connection.Wire));
            if (hasEnded)
            {
                await Task.WhenAll(floods);
                connections.ForEach(static connection => connection.Shutdown());
            }
            else
            {
                await AtRestAsync();
            }

            connections.ForEach(static connection => connection.Reset());
            await Record.ExceptionAsync(() => Task.WhenAll(floods));
            await _counters.AllEndedAsync();
            await proxy.EndedAsync("caller_aborted");
        }
        finally
        {
            over.SetResult();
        }

        await OpenAllAsync(proxy, origin.Authority);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task P30_DestinationsResetWhileCallersDoNotRead_ThePlacesAreFree(bool isCallerSending)
    {
        var reset = new TaskCompletionSource();
        await using var origin = new Origin(async stream =>
        {
            if (reset.Task.IsCompleted)
            {
                return;
            }

            var flood = FloodAsync(stream);
            await reset.Task;
            stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            stream.Socket.Dispose();
            await flood;
        });
        await using var proxy = await StartAsync();
        var connections = new List<RawConnection>();
        for (var i = 0; i < Places; i++)
        {
            connections.Add(await proxy.TunnelAsync(origin.Authority));
        }

        await AtRestAsync();
        reset.SetResult();
        await Record.ExceptionAsync(origin.ServedAsync);
        if (isCallerSending)
        {
            await Record.ExceptionAsync(() => Task.WhenAll(connections.ConvertAll(static connection => connection.SendAsync("x"))));
        }

        await _counters.AllEndedAsync();
        await proxy.EndedAsync("destination_aborted");
        await OpenAllAsync(proxy, origin.Authority);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }
    }
}
