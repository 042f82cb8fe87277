using System.Collections.Concurrent;
using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Attacks;

/// <summary>
/// The attacks of the A- requirements that concern the server and have no test class of their own
/// (PlaintextInjectionTests), A-09, A-12, A-16 (ReplayTests, NginxTests), A-10 (OpossumTests), A-14 (FramingTests), A-15
/// (TransparencyTests), A-26 (TlsTests, S-56), A-27 (ClosureTests, S-63), A-29 (OpenSslTests), A-30 (TlsTests).
/// </summary>
public sealed class ServerAttackTests : IDisposable
{
    private readonly string _session = Path.GetTempFileName();

    public void Dispose() => File.Delete(_session);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A03_ContentAnnouncedAndVictimsHandshakeBehind_NeitherSwitchedNorRead(bool later)
    {
        var bodies = new ConcurrentQueue<string>();
        await using var server = await StartRecordingAsync(bodies);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request("POST", "/upload", fields: "Content-Length: 100\r\n"));
        await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2B));
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);

        // The victim's hello is clear content of the attacker's own request, and no TLS answer comes to it.
        Assert.DoesNotContain((byte)0x16, connection.Wire.Received);
        Assert.All(bodies, body => Assert.DoesNotContain("HTTP/1.1", body));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A04_ChunkedWithRequestInItsTail_OrdinaryClearRequests(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(
            Request("GET", "/x", fields: "Transfer-Encoding: chunked\r\n") + "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("GET /x scheme=http state=Plaintext", (await connection.ReadResponseAsync()).Content);
        Assert.Contains("GET /admin scheme=http state=Plaintext", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A08_OldToken_WidensNoVersion(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var old = await server.ConnectAsync().AfterAsync(later);
        await old.SendAsync(Request(token: "TLS/1.0"));
        Assert.Equal(101, (await old.ReadResponseAsync()).Status);
        await old.SendAsync(HelloText.OfTls11);
        var answer = await old.ReadBytesToEndAsync();
        Assert.True(answer.Length == 0 || answer[0] == 0x15, "Only an alert may follow.");

        await using var current = await server.ConnectAsync().AfterAsync(later);
        await current.UpgradeAsync(Request(token: "TLS/1.0"));
        Assert.Equal(SslProtocols.Tls13, current.Tls!.SslProtocol);
    }

    [Fact]
    public async Task S49_A25_SessionOfAnotherName_NotResumed()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificateSelector =
            (_, name) => name == "b.test" ? TestCertificates.Other : TestCertificates.Server);
        Assert.Contains("New, TLSv1.3", await ConnectAsync("localhost", "-sess_out"));
        Assert.Contains("Reused, TLSv1.3", await ConnectAsync("localhost", "-sess_in"));
        Assert.Contains("New, TLSv1.3", await ConnectAsync("b.test", "-sess_in"));

        async Task<string> ConnectAsync(string name, string option)
        {
            await using var relay = new UpgradingRelay(server.EndPoint, Request(host: name), later: false);
            var (_, output) = await Peers.RunAsync(
                $"GET /y HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n",
                "openssl",
                "s_client", "-connect", $"127.0.0.1:{relay.Port}", "-servername", name, option, _session);
            return output;
        }
    }

    [Fact]
    public async Task A31_ManyStopAfterTheSwitch_AllClosedAndOthersServed()
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.HandshakeTimeout = TimeSpan.FromSeconds(3));
        var stopped = new ConcurrentBag<RawConnection>();
        await Parallel.ForAsync(0, 500, async (_, _) =>
        {
            var connection = await server.ConnectAsync();
            stopped.Add(connection);
            await connection.SendAsync(Request());
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        });

        await using var other = await server.ConnectAsync();
        await other.UpgradeAsync();
        Assert.Equal(200, (await other.ReadResponseAsync()).Status);
        foreach (var connection in stopped)
        {
            Assert.Empty(await connection.ReadToEndAsync());
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task A32_Switch_SetsNoCookies()
    {
        await using var server = await UpgradeServer.StartAsync(
            app: app =>
            {
                app.Use((context, next) =>
                {
                    context.Response.Cookies.Append("session", "secret");
                    return next(context);
                });
                app.MapGet("/before", () => "");
                app.MapGet("/x", () => "x");
            });
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            Assert.Null((await connection.UpgradeAsync())["Set-Cookie"]);
            Assert.NotNull((await connection.ReadResponseAsync())["Set-Cookie"]);
        }
    }

    private static Task<UpgradeServer> StartRecordingAsync(ConcurrentQueue<string> bodies) => UpgradeServer.StartAsync(app: app => app.Run(async context =>
    {
        var buffer = new byte[4096];
        if (HttpMethods.IsPost(context.Request.Method))
        {
            var count = await context.Request.Body.ReadAsync(buffer);
            bodies.Enqueue(System.Text.Encoding.Latin1.GetString(buffer, 0, count));
        }
    }));
}
