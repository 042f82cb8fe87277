using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>A trace shows how its request arrived.</summary>
public sealed class TraceTests
{
    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    public async Task Upgraded_IsOnTheTrace(TlsStart start)
    {
        var traces = await CollectAsync(start, ActivitySamplingResult.AllData);
        var replayed = traces[^2];
        Assert.Equal("upgraded", replayed["tls_upgrade.state"]);
        Assert.Equal(true, replayed["tls_upgrade.replayed"]);
        var last = traces[^1];
        Assert.Equal("upgraded", last["tls_upgrade.state"]);
        Assert.False(last.ContainsKey("tls_upgrade.replayed"));
        Assert.Equal("tls", last["tls.protocol.name"]);
        Assert.Equal("1.3", last["tls.protocol.version"]);
        Assert.StartsWith("TLS_AES_", (string)last["tls.cipher"]!);
        if (start is TlsStart.LaterRequest)
        {
            Assert.Equal("plaintext", traces[0]["tls_upgrade.state"]);
            Assert.False(traces[0].ContainsKey("tls.protocol.version"));
        }
    }

    [Fact]
    public async Task DirectTls_IsOnTheTrace()
    {
        var trace = Assert.Single(await CollectAsync(TlsStart.Direct, ActivitySamplingResult.AllData));
        Assert.Equal("direct_tls", trace["tls_upgrade.state"]);
        Assert.Equal("1.3", trace["tls.protocol.version"]);
    }

    [Fact]
    public async Task NotRecorded_NothingIsTagged()
    {
        var traces = await CollectAsync(TlsStart.FirstRequest, ActivitySamplingResult.PropagationData);
        Assert.All(traces, static trace => Assert.Empty(trace));
    }

    /// <summary>The tags of all requests of one connection, in their order.</summary>
    private static async Task<Dictionary<string, object?>[]> CollectAsync(TlsStart start, ActivitySamplingResult sampling)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        var source = server.Services.GetRequiredService<ActivitySource>();
        var traces = new ConcurrentQueue<Dictionary<string, object?>>();
        using var stopped = new SemaphoreSlim(0);
        using var listener = new ActivityListener
        {
            ShouldListenTo = candidate => ReferenceEquals(candidate, source),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
            ActivityStopped = activity =>
            {
                traces.Enqueue(activity.TagObjects.ToDictionary());
                stopped.Release();
            },
        };
        ActivitySource.AddActivityListener(listener);
        var requests = start switch { TlsStart.Direct => 1, TlsStart.FirstRequest => 2, _ => 4 };
        await using (var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest))
        {
            if (start is TlsStart.Direct)
            {
                await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http11]);
            }
            else
            {
                await connection.UpgradeAsync();
                await connection.ReadResponseAsync();
            }

            await connection.SendAsync("GET /last HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await connection.ReadResponseAsync();
            for (var i = 0; i < requests; i++)
            {
                Assert.True(await stopped.WaitAsync(RawConnection.Patience, TestContext.Current.CancellationToken));
            }
        }

        return [.. traces];
    }
}
