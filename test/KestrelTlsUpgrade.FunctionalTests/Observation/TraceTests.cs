using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

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
            Assert.False(traces[0].ContainsKey("tls_upgrade.switched"));
        }
    }

    /// <summary>A request that Kestrel's HTTP has served has two spans: one that ends with the 101, and one with the answer.</summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    public async Task Upgraded_TwoSpansOfOneRequest_SaySo(TlsStart start)
    {
        var spans = await CollectSpansAsync(start, ActivitySamplingResult.AllData);
        var replayed = spans[^2];
        if (start is TlsStart.FirstRequest)
        {
            Assert.Empty(replayed.Links);
            Assert.DoesNotContain(spans, static span => span.GetTagItem("tls_upgrade.switched") is not null);
            return;
        }

        var switched = Assert.Single(spans, static span => span.GetTagItem("tls_upgrade.switched") is true);
        Assert.Equal("plaintext", switched.GetTagItem("tls_upgrade.state"));
        Assert.Equal(switched.Context, Assert.Single(replayed.Links).Context);
        Assert.Equal(true, replayed.GetTagItem("tls_upgrade.replayed"));
        Assert.Empty(spans[^1].Links);
    }

    /// <summary>Without one in Host, where instrumentation looks for it, it is the port that the client is connected to.</summary>
    [Theory]
    [InlineData("1.0", false)]
    [InlineData("1.0", true)]
    [InlineData("1.1", false)]
    [InlineData("1.1", true)]
    [InlineData("2", false)]
    [InlineData("2", true)]
    public async Task ServerPort_IsOnEverySpan(string version, bool isInHost)
    {
        await using var server = await UpgradeServer.StartAsync();
        using var spans = new SpanCollector(server, ActivitySamplingResult.AllData);
        var host = isInHost ? "localhost:8443" : "localhost";
        var requests = 1;
        if (version is "2")
        {
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
            using var client = new HttpClient(handler)
            {
                DefaultRequestVersion = HttpVersion.Version20,
                DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            client.DefaultRequestHeaders.Host = host;
            await client.GetStringAsync($"https://localhost:{server.Port}/x", TestContext.Current.CancellationToken);
        }
        else if (version is "1.1")
        {
            requests = 3;
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync($"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n");
            await connection.ReadResponseAsync();
            await connection.UpgradeAsync(Request(host: host));
            await connection.ReadResponseAsync();
        }
        else
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync($"GET /x HTTP/1.0\r\nHost: {host}\r\n\r\n");
            await connection.ReadToEndAsync();
        }

        Assert.All(await spans.WaitForAsync(requests), span => Assert.Equal(isInHost ? 8443 : server.Port, span.GetTagItem("server.port")));
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
    private static async Task<Dictionary<string, object?>[]> CollectAsync(TlsStart start, ActivitySamplingResult sampling) =>
        [.. (await CollectSpansAsync(start, sampling)).Select(static span => span.TagObjects.ToDictionary())];

    /// <summary>The spans of all requests of one connection, in their order.</summary>
    private static async Task<Activity[]> CollectSpansAsync(TlsStart start, ActivitySamplingResult sampling)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        using var spans = new SpanCollector(server, sampling);
        var requests = start switch { TlsStart.Direct => 1, TlsStart.FirstRequest => 2, _ => 4 };
        await using var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
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
        return await spans.WaitForAsync(requests);
    }

    private sealed class SpanCollector : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _spans = new();
        private readonly SemaphoreSlim _stopped = new(0);
        private readonly ActivityListener _listener;

        public SpanCollector(UpgradeServer server, ActivitySamplingResult sampling)
        {
            var source = server.Services.GetRequiredService<ActivitySource>();
            _listener = new()
            {
                ShouldListenTo = candidate => ReferenceEquals(candidate, source),
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => sampling,
                ActivityStopped = span =>
                {
                    _spans.Enqueue(span);
                    _stopped.Release();
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public async Task<Activity[]> WaitForAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Assert.True(await _stopped.WaitAsync(RawConnection.Patience, TestContext.Current.CancellationToken));
            }

            return [.. _spans];
        }

        public void Dispose()
        {
            _listener.Dispose();
            _stopped.Dispose();
        }
    }
}
