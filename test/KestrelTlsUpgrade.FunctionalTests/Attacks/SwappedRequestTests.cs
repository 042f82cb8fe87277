using System.Text;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>
/// Requirement A-35: somebody on the path swaps or edits the clear request of a client that upgrades, and passes its handshake on. A client
/// that marks its handshake is refused rather than given the answer to another request.
/// </summary>
public sealed class SwappedRequestTests
{
    /// <summary>What the client wrote, and what the server gets.</summary>
    public static MatrixTheoryData<string, TlsUpgradeClientMode, bool> Swaps { get; } = new(
        [
            "OPTIONS * => GET /upload/7",
            "OPTIONS * => HEAD /",
            "OPTIONS * => OPTIONS /",
            "GET / => GET /upload/7",
            "GET / => OPTIONS *",
            "GET / => HEAD /",
            "GET / => GET http://localhost/",
            "Host: localhost => Host: localhost:80",
            "Host: localhost => Host: LOCALHOST",
            "Host: localhost => Host: localhost\r\nCookie: session=evil",
            "Host: localhost => Host: localhost\r\nConnection: Authorization\r\nAuthorization: Basic ZXZpbA==",
        ],
        Enum.GetValues<TlsUpgradeClientMode>(),
        [false, true]);

    [Theory]
    [MemberData(nameof(Swaps))]
    public async Task A35_MarkedHandshakeBehindAChangedRequest_Refused(string swap, TlsUpgradeClientMode clients, bool later)
    {
        await using var server = await StartAsync(clients);
        var (from, to) = (swap.Split(" => ")[0], swap.Split(" => ")[1]);
        var written = Request(from.StartsWith("OPTIONS", StringComparison.Ordinal) ? "OPTIONS" : "GET", from.Contains('*') ? "*" : "/", token: HintedToken);
        var received = written.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(written, received);

        await using var connection = await server.ConnectAsync().AfterAsync(later);
        Assert.Equal(120, await connection.UpgradeRefusedAsync(received, "localhost", BoundMark.ProtocolsFor(written)));
    }

    /// <summary>What hops may change on the way, and what the switch uses up, is no part of the mark.</summary>
    [Theory]
    [InlineData("Connection: Upgrade", "Connection: keep-alive, Upgrade", false)]
    [InlineData("Connection: Upgrade", "Connection: keep-alive, Upgrade", true)]
    [InlineData("Host: localhost", "host:localhost", false)]
    [InlineData("Host: localhost", "host:localhost", true)]
    [InlineData("TLS/1.2, http", "TLS/1.3, TLS/1.2, http", false)]
    [InlineData("TLS/1.2, http", "TLS/1.3, TLS/1.2, http", true)]
    public async Task A35_MarkedHandshakeBehindTheSameRequest_Served(string from, string to, bool later)
    {
        await using var server = await StartAsync(TlsUpgradeClientMode.AwareOnly);
        var written = Request(target: "/mine", token: HintedToken, fields: "Accept: text/html\r\nX-B: 1\r\nAccept: */*\r\nX-A:\t2 \r\n");
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(written.Replace(from, to, StringComparison.Ordinal), "localhost", BoundMark.ProtocolsFor(written));
        Assert.Equal("/mine", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>Without the hint no mark is looked for, so a bound one cannot be the right one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A35_MarkWithoutTheHint_Refused(bool later)
    {
        await using var server = await StartAsync(TlsUpgradeClientMode.Compatible);
        var request = Request();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        Assert.Equal(120, await connection.UpgradeRefusedAsync(request, "localhost", BoundMark.ProtocolsFor(request)));
    }

    /// <summary>Our own client, with its certificate checked, in the mode that sends nothing in clear text.</summary>
    [Theory]
    [InlineData(TlsUpgradeClientMode.Compatible, "OPTIONS *", "GET /upload/7")]
    [InlineData(TlsUpgradeClientMode.AwareOnly, "OPTIONS *", "GET /upload/7")]
    [InlineData(TlsUpgradeClientMode.AwareOnly, "OPTIONS *", "HEAD /upload/7")]
    [InlineData(TlsUpgradeClientMode.AwareOnly, "Connection: Upgrade", "Connection: close, Upgrade")]
    public async Task A35_OwnClientBehindAChangedRequest_NeverTakesAForgedAnswer(TlsUpgradeClientMode clients, string from, string to)
    {
        await using var server = await StartAsync(clients);
        await using var relay = new EditingRelay(server.EndPoint, request => request
            .Replace(from, to, StringComparison.Ordinal).Replace("GET / HTTP", "GET /upload/7 HTTP", StringComparison.Ordinal));
        using var handler = new TlsUpgradeHttpHandler(new TlsUpgradeClientOptions
        {
            SslOptions = new() { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate!.GetCertHashString() == TestCertificates.Server.GetCertHashString() },
        });
        using var client = new HttpClient(handler);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"http://localhost:{relay.Port}/mine", TestContext.Current.CancellationToken));
        }

        await server.Log.WaitForAsync(static line => line.Id.Name is "MarkRefused");
    }

    /// <summary>Answers with the target, and under <c>/upload</c> with what a tenant has put there: a whole response.</summary>
    private static Task<UpgradeServer> StartAsync(TlsUpgradeClientMode clients) => UpgradeServer.StartAsync(
        options => options.AcceptedClients = clients,
        app: app => app.Run(async context =>
        {
            var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
            var content = target.StartsWith("/upload", StringComparison.Ordinal) ? "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged" : target;
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(content));
        }));
}
