using System.Collections.Concurrent;
using System.Globalization;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace KestrelTlsUpgrade.Client.Tests.EndToEnd;

/// <summary>Many requests at once: the pool is the platform's, and so is the number of connections.</summary>
public sealed class LoadTests
{
    private const int Concurrency = 32;

    /// <summary>Set <c>LOAD_REQUESTS=10000</c> for the long run.</summary>
    private static readonly int Requests =
        int.Parse(Environment.GetEnvironmentVariable("LOAD_REQUESTS") ?? "1500", CultureInfo.InvariantCulture);

    private static void Map(WebApplication app)
    {
        app.MapGet("/secret/{id}", (HttpContext context, string id) => $"{context.Request.Scheme} {id}").RequireTlsUpgrade();
        app.MapGet("/open/{id}", (HttpContext context, string id) => $"{context.Request.Scheme} {id}");
    }

    private static async Task RunAsync(HttpClient client, string uri, string scheme, ConcurrentDictionary<bool, int> upgraded)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => Task.Run(async () =>
        {
            for (var i = Interlocked.Increment(ref next); i < Requests; i = Interlocked.Increment(ref next))
            {
                using var response = await client.GetAsync(uri + i.ToString(CultureInfo.InvariantCulture));
                Assert.Equal($"{scheme} {i}", await response.Content.ReadAsStringAsync());
                upgraded.AddOrUpdate(response.GetTlsUpgradeInfo().IsUpgraded, 1, static (_, count) => count + 1);
            }
        })));
    }

    private static async Task<int> CountConnectionsOfPlainClientAsync(UpgradeServer server)
    {
        var ledger = new SocketLedger();
        using (var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = ledger.Connect(server.Port), UseProxy = false }))
        {
            await RunAsync(client, $"http://localhost:{server.Port}/open/", "http", new());
        }

        await ledger.AllClosedAsync();
        return ledger.Opened;
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required, true, "secret", "https")]
    [InlineData(TlsUpgradeMode.Preferred, true, "secret", "https")]
    [InlineData(TlsUpgradeMode.Preferred, false, "open", "http")]
    [InlineData(TlsUpgradeMode.OnDemand, true, "open", "http")]
    [InlineData(TlsUpgradeMode.OnDemand, true, "secret", "https")]
    public async Task Connections_AreAsManyAsOfAPlainClient(TlsUpgradeMode mode, bool isUpgradable, string path, string scheme)
    {
        await using var server = await UpgradeServer.StartAsync(app: Map, isUpgradable: isUpgradable);
        var plain = await CountConnectionsOfPlainClientAsync(server);
        var ledger = new SocketLedger();
        var upgraded = new ConcurrentDictionary<bool, int>();
        using (var client = TestClient.Create(mode, handler: handler => handler.ConnectCallback = ledger.Connect(server.Port)))
        {
            await RunAsync(client, $"http://localhost:{server.Port}/{path}/", scheme, upgraded);
        }

        await ledger.AllClosedAsync();
        TestContext.Current.SendDiagnosticMessage(
            $"{mode} {path}: {Requests} requests over {ledger.Opened} connections; a plain client {plain}.");

        // Those of the first requests, which got 426, are in clear text and come on top. The platform's pool opens some in excess
        // where a connection is busy being made when another one becomes free: over https it does so too.
        var limit = (mode is TlsUpgradeMode.OnDemand && path == "secret" ? 2 * Concurrency : Concurrency) + (Concurrency / 2);
        Assert.True(ledger.Opened <= limit, $"{ledger.Opened} connections, not {limit}. A plain client opened {plain}.");
        Assert.Equal(scheme == "https", Assert.Single(upgraded).Key);
    }

    [Theory]
    [InlineData(TlsUpgradeMode.Required)]
    [InlineData(TlsUpgradeMode.Preferred)]
    public async Task MaxConnectionsPerServer_Holds(TlsUpgradeMode mode)
    {
        await using var server = await UpgradeServer.StartAsync(app: Map);
        var ledger = new SocketLedger();
        using var client = TestClient.Create(mode, handler: handler =>
        {
            handler.MaxConnectionsPerServer = 3;
            handler.ConnectCallback = ledger.Connect(server.Port);
        });
        await RunAsync(client, $"http://localhost:{server.Port}/secret/", "https", new());
        Assert.True(ledger.Opened <= 3, $"{ledger.Opened} connections.");
    }

    /// <summary>Each response tells of the connection that it came over, and not of that of another request.</summary>
    [Fact]
    public async Task Info_UnderConcurrency_IsTheResponsesOwn()
    {
        // Each connection has a token of its own, and says in each response which it is.
        var tokens = new[] { "TLS/1.0", "TLS/1.1", "TLS/1.2", "TLS/1.3", "TLS" };
        await using var server = new ScriptedServer(async connection =>
        {
            var token = tokens[connection.Number % tokens.Length];
            await connection.UpgradeAsync($"HTTP/1.1 101 S\r\nUpgrade: {token}\r\n\r\n");
            await connection.SendAsync(ScriptedConnection.EmptyOk);
            await connection.ServeAsync($"HTTP/1.1 200 OK\r\nContent-Length: {token.Length}\r\n\r\n{token}");
        });
        using var client = TestClient.Create();
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, cancellationToken) =>
        {
            using var response = await client.GetAsync(server.Uri, cancellationToken);
            Assert.Equal(await response.Content.ReadAsStringAsync(cancellationToken), response.GetTlsUpgradeInfo().Token);
        });
        Assert.True(server.Connections.Length > 1);
    }
}
