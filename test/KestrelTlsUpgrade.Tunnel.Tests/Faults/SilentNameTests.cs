using KestrelTlsUpgrade.Testing;
using KestrelTlsUpgrade.Tunnel.Internal.Dialing;
using KestrelTlsUpgrade.Tunnel.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Tunnel.Tests.Faults;

/// <summary>Names whose servers never answer.</summary>
public sealed class SilentNameTests : IDisposable
{
    private const int Share = NameLookups.DefaultPlaces / 2;

    private static readonly TimeSpan Timeout = new ConnectTunnelOptions().ConnectTimeout;

    private readonly FakeTimeProvider _time = new();
    private readonly SilentResolver _resolver = new();

    public void Dispose() => _resolver.Dispose();

    private Task<UpgradeServer> StartAsync(Action<ConnectTunnelOptions>? configure = null) => TunnelProxy.StartAsync(
        configure,
        services: services =>
        {
            services.SetServerClock(_time);
            services.Resolve(_resolver);
        },
        app: app => app.Run(context => context.Response.WriteAsync("served")));

    private static async Task<RawConnection> AskAsync(UpgradeServer proxy, string authority, string? from = null)
    {
        var connection = await RawConnection.OpenAsync(proxy.EndPoint, from is null ? null : System.Net.IPAddress.Parse(from));
        await connection.SendAsync($"CONNECT {authority} HTTP/1.1\r\nHost: a\r\n\r\n");
        return connection;
    }

    private static async Task<RawConnection[]> AskAllAsync(UpgradeServer proxy, int count)
    {
        var connections = new List<RawConnection>();
        for (var i = 0; i < count; i++)
        {
            connections.Add(await AskAsync(proxy, $"{i}.test:443"));
        }

        return [.. connections];
    }

    private static async Task<(int Status, string? Error)[]> ReadAllAsync(IEnumerable<RawConnection> connections)
    {
        var answers = new List<(int, string?)>();
        foreach (var connection in connections)
        {
            var response = await connection.ReadRefusalAsync();
            answers.Add((response.Status, response["Proxy-Status"]!.Split("error=")[1].Split(';')[0]));
            await connection.DisposeAsync();
        }

        return [.. answers];
    }

    /// <summary>Reads the answers while the time passes: a CONNECT may arrive late.</summary>
    private async Task<(int Status, string? Error)[]> TimeOutAsync(IEnumerable<RawConnection> connections)
    {
        var answers = ReadAllAsync(connections);
        while (!answers.IsCompleted)
        {
            _time.Advance(Timeout);
            await Task.WhenAny(answers, Task.Delay(20));
        }

        return await answers;
    }

    private static async Task<string> GetAsync(UpgradeServer proxy)
    {
        await using var connection = await proxy.ConnectAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        return (await connection.ReadResponseAsync()).Content;
    }

    [Fact]
    public async Task P32_FortyNames_TheApplicationIsServedAndAllAreAnsweredInTime()
    {
        await using var proxy = await StartAsync();
        var connections = await AskAllAsync(proxy, 40);
        await _resolver.AskedAsync(40);
        Assert.Equal("served", await GetAsync(proxy));
        Assert.False(_resolver.WasOnThreadPool);
        Assert.All(connections, static connection => Assert.Equal(0, connection.Socket.Available));
        _time.Advance(Timeout);
        Assert.All(await ReadAllAsync(connections), static answer => Assert.Equal((504, "dns_timeout"), answer));
        await proxy.EndedAsync("name_timeout");
    }

    [Fact]
    public async Task P32_MoreNamesThanACallersShare_OthersAndAddressesStillGetThrough()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        var connections = await AskAllAsync(proxy, Share + 6);
        await _resolver.AskedAsync(Share);
        await using (await proxy.TunnelAsync(origin.Authority))
        await using (await proxy.TunnelAsync($"localhost:{origin.Port}"))
        {
        }

        await using (var other = await AskAsync(proxy, $"other.test:{origin.Port}", from: "127.0.0.2"))
        {
            _resolver.Answer("other.test", "127.0.0.1");
            Assert.Equal(200, (await other.ReadResponseAsync(toHead: true)).Status);
        }

        var answers = await TimeOutAsync(connections);
        Assert.Equal(Share, answers.Count(static answer => answer == (504, "dns_timeout")));
        Assert.Equal(6, answers.Count(static answer => answer == (503, "connection_limit_reached")));
        Assert.Equal(Share + 1, _resolver.Asked.Count);
    }

    [Fact]
    public async Task P32_PlaceOfATunnel_IsFreeWhileTheLookupGoesOn()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync(options => options.MaxTunnelsPerCaller = 1);
        await using (var connection = await AskAsync(proxy, "a.test:443"))
        {
            await _resolver.AskedAsync(1);
            _time.Advance(Timeout);
            Assert.Equal(504, (await connection.ReadRefusalAsync()).Status);
        }

        await using (await proxy.TunnelAsync(origin.Authority))
        {
        }
    }

    [Fact]
    public async Task P32_NextProxysName_IsLookedUpInTheSameWay()
    {
        await using var proxy = await StartAsync(options => options.UpstreamProxy = new Uri("http://next.test:3128"));
        await using var first = await AskAsync(proxy, "a.test:443");
        await using var second = await AskAsync(proxy, "b.test:443");
        await _resolver.AskedAsync(1);
        Assert.All(await TimeOutAsync([first, second]), static answer => Assert.Equal((504, "dns_timeout"), answer));
        Assert.Equal(["next.test"], _resolver.Asked);
        Assert.False(_resolver.WasOnThreadPool);
    }

    [Fact]
    public async Task P32_NameAndDestination_ShareOneTimeout()
    {
        var dialled = new TaskCompletionSource();
        await using var next = new Origin(async stream =>
        {
            dialled.SetResult();
            await stream.CopyToAsync(Stream.Null);
        });
        await using var proxy = await StartAsync(options => options.UpstreamProxy = new Uri($"http://next.test:{next.Port}"));
        await using var connection = await AskAsync(proxy, "a.test:443");
        await _resolver.AskedAsync(1);
        _time.Advance(Timeout * 0.8);
        _resolver.Answer("next.test", "127.0.0.1");
        await dialled.Task.WaitAsync(RawConnection.Patience);
        _time.Advance(Timeout * 0.2);
        Assert.Equal([(504, "connection_timeout")], await ReadAllAsync([connection]));
    }

    [Fact]
    public async Task CallerLeaves_LookupIsGivenUpAndItsNameNotDialled()
    {
        await using var origin = Origin.Echo();
        await using var proxy = await StartAsync();
        var connection = await AskAsync(proxy, $"a.test:{origin.Port}");
        await _resolver.AskedAsync(1);
        connection.Reset();
        await proxy.EndedAsync("caller_left");
        _resolver.Answer("a.test", "127.0.0.1");
        Assert.Equal(0, origin.Count);
    }
}
