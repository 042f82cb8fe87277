using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Sending;

/// <summary>Traces and metrics are as those of SocketsHttpHandler, which knows no offers.</summary>
public sealed class TraceTests : IDisposable
{
    private readonly List<Activity> _requests = [];
    private readonly ActivityListener _listener;
    private readonly Activity _caller = new Activity("caller").Start();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public TraceTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (_requests)
                {
                    if (activity.TraceId == _caller.TraceId)
                    {
                        _requests.Add(activity);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public void Dispose()
    {
        _caller.Dispose();
        _listener.Dispose();
        _services.Dispose();
    }

    private HttpClient Client(TlsUpgradeMode mode, Action<TlsUpgradeClientOptions>? configure = null, Action<SocketsHttpHandler>? handler = null) =>
        TestClient.Create(mode, configure, sockets =>
        {
            sockets.MeterFactory = Meters;
            handler?.Invoke(sockets);
        });

    /// <summary>The requests that a server got, by their trace parents.</summary>
    private static string[] Parents(ScriptedServer server) =>
        [.. server.Heads.SelectMany(head => head.Split("\r\n")).Where(line => line.StartsWith("traceparent: ", StringComparison.Ordinal)).Select(line => line[13..])];

    private static async Task ServeAsync(ScriptedConnection connection, Func<string, string> answer, bool upgrades = true)
    {
        while (await connection.ReadHeadAsync() is { Length: > 0 } head)
        {
            if (upgrades && connection.Tls is null && head.StartsWith("OPTIONS", StringComparison.Ordinal))
            {
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync();
                await connection.SendAsync(ScriptedConnection.EmptyOk);
            }
            else
            {
                await connection.SendAsync(answer(head));
            }
        }
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required)]
    [InlineData(TlsUpgradeMode.Preferred)]
    [InlineData(TlsUpgradeMode.OnDemand)]
    public async Task Redirects_EachHopHasItsOwnSpan(TlsUpgradeMode mode)
    {
        await using var server = new ScriptedServer(connection => ServeAsync(connection, head => head.StartsWith("GET /end", StringComparison.Ordinal)
            ? ScriptedConnection.EmptyOk
            : $"HTTP/1.1 302 Found\r\nLocation: {(head.StartsWith("GET /next", StringComparison.Ordinal) ? "/end" : "/next")}\r\nContent-Length: 0\r\n\r\n"));
        using var client = Client(mode);
        (await client.GetAsync(server.Uri, TestContext.Current.CancellationToken)).Dispose();
        AssertEachHasItsSpan(server, 3);
    }

    [Fact]
    public async Task RepeatAfter426_HasItsOwnSpan()
    {
        await using var server = new ScriptedServer(connection => ServeAsync(connection, _ => connection.Tls is null
            ? "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade, keep-alive\r\nContent-Length: 0\r\n\r\n"
            : ScriptedConnection.EmptyOk));
        using var client = Client(TlsUpgradeMode.OnDemand);
        (await client.GetAsync(server.Uri, TestContext.Current.CancellationToken)).Dispose();
        AssertEachHasItsSpan(server, 2);
    }

    /// <summary>As with SocketsHttpHandler, whose redirects do the same, a retry of the same message gets new fields.</summary>
    [Fact]
    public async Task SameRequestTwice_HasTwoSpans()
    {
        await using var server = new ScriptedServer(connection => ServeAsync(connection, _ => ScriptedConnection.EmptyOk));
        using var handler = TestClient.CreateHandler();
        using var invoker = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri);
        for (var i = 0; i < 2; i++)
        {
            (await invoker.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        }

        AssertEachHasItsSpan(server, 2);
    }

    [Fact]
    public async Task FieldsOfTheCaller_AreKept()
    {
        const string Own = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        await using var server = new ScriptedServer(connection => ServeAsync(connection, _ => ScriptedConnection.EmptyOk));
        using var client = Client(TlsUpgradeMode.Required);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Uri) { Headers = { { "traceparent", Own } } };
        (await client.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal([Own], Parents(server));
    }

    [Theory]
    [InlineData("Preferred: refused")]
    [InlineData("Preferred: closed")]
    [InlineData("OnDemand: refused")]
    public async Task Fallback_LeavesOneSpanAndOneMeasurementThatSucceeded(string which)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            if (which.EndsWith("closed", StringComparison.Ordinal) && connection.Number == 0)
            {
                await connection.ReadHeadAsync();
                return;
            }

            await ServeAsync(
                connection,
                _ => "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.2\r\nConnection: keep-alive, Upgrade\r\nContent-Length: 0\r\n\r\n",
                upgrades: false);
        });
        using var durations = new MetricCollector<double>(Meters, "System.Net.Http", "http.client.request.duration");
        var mode = Enum.Parse<TlsUpgradeMode>(which.Split(':')[0]);
        var requests = mode is TlsUpgradeMode.OnDemand ? 2 : 1;
        using var client = Client(mode);
        for (var i = 0; i < requests; i++)
        {
            (await client.GetAsync(server.Uri, TestContext.Current.CancellationToken)).Dispose();
        }

        Assert.Contains(server.Heads, head => head.StartsWith("OPTIONS *", StringComparison.Ordinal));
        AssertEachHasItsSpan(server, requests);
        Assert.All(_requests, request => Assert.Equal(ActivityStatusCode.Unset, request.Status));
        Assert.All(_requests, request => Assert.Null(request.GetTagItem("error.type")));
        var measurements = durations.GetMeasurementSnapshot();
        Assert.Equal(requests, measurements.Count);
        Assert.All(measurements, measurement => Assert.DoesNotContain("error.type", measurement.Tags.Keys));
    }

    /// <summary>A failure that the caller gets is one in the trace too, and is tried once.</summary>
    [Theory]
    [InlineData(TlsUpgradeMode.Required, "refused")]
    [InlineData(TlsUpgradeMode.Required, "handshake")]
    [InlineData(TlsUpgradeMode.Preferred, "handshake")]
    [InlineData(TlsUpgradeMode.Preferred, "unreachable")]
    public async Task Failure_LeavesOneFailedSpan(TlsUpgradeMode mode, string what)
    {
        var dials = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync(what == "refused" ? ScriptedConnection.EmptyOk : ScriptedConnection.Switching + "not TLS");
        });
        using var client = Client(mode, handler: handler => handler.ConnectCallback = async (context, cancellationToken) =>
        {
            dials++;
            return what == "unreachable"
                ? throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.ConnectionRefused)
                : await Support.Connect.ToAsync(context.DnsEndPoint, cancellationToken);
        });
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(server.Uri, TestContext.Current.CancellationToken));
        Assert.Equal(
            what == "unreachable" ? HttpRequestError.ConnectionError : what == "refused" ? HttpRequestError.SecureConnectionError : HttpRequestError.InvalidResponse,
            exception.HttpRequestError);
        var request = Assert.Single(_requests);
        Assert.Equal(ActivityStatusCode.Error, request.Status);
        Assert.NotNull(request.GetTagItem("error.type"));
        Assert.Equal(1, dials);
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required, true)]
    [InlineData(TlsUpgradeMode.Preferred, true)]
    [InlineData(TlsUpgradeMode.Preferred, false)]
    [InlineData(TlsUpgradeMode.OnDemand, false)]
    public async Task Connections_HaveTheirPeersAddress(TlsUpgradeMode mode, bool upgrades)
    {
        await using var server = new ScriptedServer(connection => ServeAsync(connection, _ => ScriptedConnection.EmptyOk, upgrades));
        using var open = new MetricCollector<long>(Meters, "System.Net.Http", "http.client.open_connections");
        using var client = Client(mode);
        using var response = await client.GetAsync(server.Uri, TestContext.Current.CancellationToken);
        Assert.Equal(upgrades, response.GetTlsUpgradeInfo().IsUpgraded);
        await AssertPeersAsync(open, server.Uri);
    }

    [Fact]
    public async Task Tunnel_ItsPeerIsTheProxy()
    {
        await using var proxy = new ScriptedServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            await ServeAsync(connection, _ => ScriptedConnection.EmptyOk);
        });
        using var open = new MetricCollector<long>(Meters, "System.Net.Http", "http.client.open_connections");
        using var client = Client(TlsUpgradeMode.Required, handler: handler =>
        {
            handler.UseProxy = true;
            handler.Proxy = new WebProxy(proxy.Uri);
        });
        (await client.GetAsync("http://a.test/", TestContext.Current.CancellationToken)).Dispose();
        await AssertPeersAsync(open, proxy.Uri);
    }

    /// <summary>All connections have the address that the platform's own handler reports for the same server.</summary>
    private async Task AssertPeersAsync(MetricCollector<long> open, string uri)
    {
        var ours = open.GetMeasurementSnapshot(clear: true);
        Assert.NotEmpty(ours);
        using var platform = new HttpClient(new SocketsHttpHandler { MeterFactory = Meters, UseProxy = false });
        (await platform.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken)).Dispose();
        var expected = open.LastMeasurement!.Tags["network.peer.address"];
        Assert.All(ours, measurement => Assert.Equal(expected, measurement.Tags["network.peer.address"]));
    }

    private void AssertEachHasItsSpan(ScriptedServer server, int count)
    {
        Assert.Equal(count, _requests.Count);
        Assert.Equal(_requests.Select(request => request.Id), Parents(server));
    }
}
