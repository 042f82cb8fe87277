using System.Globalization;
using System.Net;
using System.Security.Authentication;
using KestrelTlsUpgrade.Client.Tests.Support;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace KestrelTlsUpgrade.Client.Tests.Attacks;

/// <summary>
/// An attacker on the path swaps the upgrade request for one whose answer holds a forged response, a file that a tenant has uploaded.
/// The client asks for TLS, checks the certificate, and must never take that file for the answer to a request of its own.
/// </summary>
public sealed class SwappedRequestTests
{
    /// <summary>What an answer to the upgrade request is read into, in the first place.</summary>
    private const int BufferSize = 1024;

    /// <summary>All else that the servers send in one record is shorter than this, and the upload's first record is longer.</summary>
    private const int LongestOther = 3000;

    private static readonly string Upload = "HTTP/1.1 200 OK\r\nContent-Length: 6000\r\n\r\nforged" + new string('.', 5994);

    public enum ServerKind
    {
        AwareOnly,
        Unaware,
    }

    [Theory]
    [InlineData(ServerKind.AwareOnly, SslProtocols.Tls12)]
    [InlineData(ServerKind.AwareOnly, SslProtocols.Tls13)]
    [InlineData(ServerKind.Unaware, SslProtocols.Tls12)]
    [InlineData(ServerKind.Unaware, SslProtocols.Tls13)]
    public async Task ContentHeldBackUntilTheClientAsks_IsNeverTheAnswer(ServerKind kind, SslProtocols version)
    {
        var time = new FakeTimeProvider();
        await using var server = await StartAsync(kind);
        await using var relay = new SwappingRelay(server.EndPoint, head => Swap(head, ""), static length => length > LongestOther);
        WaitingStream? last = null;
        using var client = TestClient.Create(
            configure: options =>
            {
                options.SslOptions.EnabledSslProtocols = version;
                options.TimeProvider = time;
            },
            handler: handler => handler.ConnectCallback = async (context, cancellationToken) =>
                last = new WaitingStream(await Connect.ToAsync(context.DnsEndPoint, cancellationToken)));
        var asking = AskAsync(client, relay);

        // The client has read the head of the answer, and may have sent its request. If it waits for the content, that comes too late.
        await Settling.UntilAsync(
            () => asking.IsCompleted || (relay.Held.IsCompleted && last!.WaitsBehind(relay.Held.Result)), () => "the client is busy");
        time.Advance(2 * RawConnection.Patience);
        Assert.DoesNotContain("forged", await asking);
        Assert.Equal(2, relay.Asked.Count);
        Assert.StartsWith("OPTIONS * ", relay.Asked[0], StringComparison.Ordinal);

        // A server that knows the mark refuses the handshake, so nothing of the answer is there to be held back.
        Assert.True(kind is ServerKind.AwareOnly || relay.Held.IsCompletedSuccessfully, await asking);
    }

    [Theory]
    [InlineData(ServerKind.AwareOnly, SslProtocols.Tls12)]
    [InlineData(ServerKind.AwareOnly, SslProtocols.Tls13)]
    [InlineData(ServerKind.Unaware, SslProtocols.Tls12)]
    [InlineData(ServerKind.Unaware, SslProtocols.Tls13)]
    public async Task HeadThatFillsTheBuffer_ContentIsNeverTheAnswer(ServerKind kind, SslProtocols version)
    {
        await using var server = await StartAsync(kind);
        var pad = BufferSize - await MeasureHeadAsync(server.EndPoint);
        await using var relay = new SwappingRelay(server.EndPoint, head => Swap(head, string.Create(CultureInfo.InvariantCulture, $"?pad={pad}")));
        using var client = TestClient.Create(configure: options => options.SslOptions.EnabledSslProtocols = version);
        Assert.DoesNotContain("forged", await AskAsync(client, relay));
        Assert.Equal(2, relay.Asked.Count);
        Assert.StartsWith("OPTIONS * ", relay.Asked[0], StringComparison.Ordinal);
    }

    /// <summary>The content of the response, or why there is none.</summary>
    private static async Task<string> AskAsync(HttpClient client, SwappingRelay relay)
    {
        try
        {
            return await client.GetStringAsync($"http://localhost:{relay.Port}/account", TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Makes <c>OPTIONS *</c> unusable, and the upgrade request that follows another one.</summary>
    private static string Swap(string head, string query) => head.StartsWith("OPTIONS *", StringComparison.Ordinal)
        ? head.Replace("Connection: Upgrade", "Connection: Upgrade, close", StringComparison.Ordinal)
        : $"GET /upload/7{query} HTTP/1.1{head[head.IndexOf("\r\n", StringComparison.Ordinal)..]}";

    private static async Task<int> MeasureHeadAsync(IPEndPoint server)
    {
        await using var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync("GET /upload/7?pad=0 HTTP/1.1\r\nHost: localhost\r\n\r\n");
        return (await connection.ReadHeadAsync()).Length;
    }

    private static async Task<Server> StartAsync(ServerKind kind)
    {
        if (kind is ServerKind.AwareOnly)
        {
            var server = await UpgradeServer.StartAsync(options => options.AcceptedClients = TlsUpgradeClientMode.AwareOnly, app: Map);
            return new Server(server, server.EndPoint);
        }

        var scripted = new ScriptedServer(ServeAsync);
        return new Server(scripted, new IPEndPoint(IPAddress.Loopback, scripted.Port));
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/upload/7", async (HttpContext context, int? pad) =>
        {
            context.Response.ContentLength = Upload.Length;
            context.Response.Headers["X-Pad"] = new string('x', pad ?? 0);

            // The head is a TLS record of its own, as with a file that is read while it is sent.
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(Upload);
        });
        app.MapFallback(static () => "genuine");
    }

    /// <summary>The same of a server that knows nothing of marks.</summary>
    private static async Task ServeAsync(ScriptedConnection connection)
    {
        while (await connection.ReadHeadAsync() is { Length: > 0 } head)
        {
            if (head.Contains("Upgrade: TLS", StringComparison.Ordinal))
            {
                await connection.SendAsync(ScriptedConnection.Switching);
                await connection.StartTlsAsync(static options => options.ApplicationProtocols = null);
            }

            if (head.StartsWith("GET /upload/7", StringComparison.Ordinal))
            {
                var pad = head.Split("?pad=") is [_, var rest] ? int.Parse(rest.Split(' ')[0], CultureInfo.InvariantCulture) : 0;
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Upload.Length}\r\nX-Pad: {new string('x', pad)}\r\n\r\n");
                await connection.SendAsync(Upload);
            }
            else
            {
                await connection.SendAsync(head.StartsWith("OPTIONS", StringComparison.Ordinal)
                    ? "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                    : "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngenuine");
            }
        }
    }

    private sealed record Server(IAsyncDisposable Running, IPEndPoint EndPoint) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Running.DisposeAsync();
    }
}
