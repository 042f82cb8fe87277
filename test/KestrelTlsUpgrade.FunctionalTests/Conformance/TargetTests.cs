using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-36 to S-50: OPTIONS, target, Host, scheme and authority.</summary>
public sealed class TargetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S36_S37_OptionsAsterisk_AnsweredInsideTlsWithoutContent(bool later)
    {
        // Routing has a 405 for it, and the status page would give that content.
        await using var server = await UpgradeServer.StartAsync(app: app =>
        {
            app.UseStatusCodePages();
            app.MapGet("/before", () => "");
            app.MapGet("/", () => "home");
        });
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        foreach (var isReplayed in new[] { true, false })
        {
            if (!isReplayed)
            {
                // The connection stays, and CUPS may ask again.
                await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }

            var response = await connection.ReadResponseAsync();
            Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
            Assert.Equal("0", response["Content-Length"]);
            Assert.Contains("OPTIONS", response["Allow"]);
            Assert.Null(response["Content-Type"]);
        }
    }

    /// <summary>Applications that are one delegate would take it for a request for a resource of theirs.</summary>
    [Theory]
    [InlineData(TlsStart.FirstRequest)]
    [InlineData(TlsStart.LaterRequest)]
    [InlineData(TlsStart.Direct)]
    public async Task S36_OptionsAsterisk_AnsweredAheadOfTheApplication(TlsStart start)
    {
        var targets = new ConcurrentQueue<string>();
        await using var server = await UpgradeServer.StartAsync(
            options => options.DirectTls = DirectTlsMode.Any,
            app: app => app.Run(context =>
            {
                targets.Enqueue(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
                return context.Response.WriteAsync("content");
            }));
        await using var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        if (start is TlsStart.Direct)
        {
            await connection.StartTlsAsync();
            await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        else
        {
            await connection.UpgradeAsync(Request("OPTIONS", "*"));
        }

        var response = await connection.ReadResponseAsync();
        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.Equal("0", response["Content-Length"]);
        Assert.Contains("OPTIONS", response["Allow"]);
        await connection.SendAsync("OPTIONS /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("content", (await connection.ReadResponseAsync()).Content);
        Assert.DoesNotContain("*", targets);
    }

    [Theory]
    [InlineData(204, "")]
    [InlineData(200, "capabilities")]
    [InlineData(403, "no")]
    [InlineData(404, "nothing here")]
    public async Task S36_PassOptionsAsterisk_ApplicationAnswers(int status, string content)
    {
        await using var server = await UpgradeServer.StartAsync(
            upgrade: options => options.PassOptionsAsterisk = true,
            app: app => app.Run(async context =>
            {
                Assert.Equal("*", context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
                context.Response.StatusCode = status;
                context.Response.Headers["X-By"] = "application";
                if (content.Length > 0)
                {
                    await context.Response.WriteAsync(content);
                }
            }));
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        var response = await connection.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.Equal(content, response.Content);
        Assert.Equal("application", response["X-By"]);
    }

    [Fact]
    public async Task PassOptionsAsterisk_ApplicationFails_IsTheServersError()
    {
        await using var server = await UpgradeServer.StartAsync(
            upgrade: options => options.PassOptionsAsterisk = true, app: app => app.Run(_ => throw new InvalidTimeZoneException()));
        server.IsExpected = line => line.Exception is InvalidTimeZoneException;
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        Assert.Equal(500, (await connection.ReadResponseAsync()).Status);
    }

    /// <summary>A client that does not read holds the application up, and not its whole answer in memory.</summary>
    [Fact]
    public async Task PassOptionsAsterisk_AnswerThatIsNotRead_IsHeldBackWithinLimits()
    {
        const int Length = 64 * 1024 * 1024;
        var written = 0;
        var heldUp = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await UpgradeServer.StartAsync(
            upgrade: options => options.PassOptionsAsterisk = true,
            app: app => app.Run(async context =>
            {
                context.Response.ContentLength = Length;
                var block = new byte[1024 * 1024];
                while (written < Length)
                {
                    var write = context.Response.Body.WriteAsync(block);
                    if (!write.IsCompleted)
                    {
                        heldUp.TrySetResult(written);
                    }

                    await write;
                    written += block.Length;
                }

                heldUp.TrySetResult(written);
            }));
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeAsync(Request("OPTIONS", "*"));
        Assert.InRange(await heldUp.Task.WaitAsync(RawConnection.Patience), 0, Length / 2);
        Assert.Equal(Length, (await connection.ReadResponseAsync()).Content.Length);
    }

    [Fact]
    public async Task OptionsAsterisk_InClearText_IsTheApplications()
    {
        await using var server = await UpgradeServer.StartAsync(app: app => app.MapGet("/", () => "home"));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(405, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("GET * HTTP/1.1\r\nHost: localhost\r\n", "S-38")]
    [InlineData("GET a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n", "S-41")]
    [InlineData("OPTIONS * HTTP/1.1\r\n", "S-39, no Host")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a.test\r\nHost: a.test\r\n", "S-39, two")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a b\r\n", "S-39, invalid")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: a.test:port\r\n", "S-39, invalid port")]
    [InlineData("GET http://a.test/x HTTP/1.1\r\nHost: b.test\r\n", "S-40, Kestrel's own rule")]
    [InlineData("CONNECT a.test:80 HTTP/1.1\r\nHost: b.test:80\r\n", "P-10")]
    public async Task S38_S39_S40_S41_InvalidTargetOrHost_RefusedNotSwitched(string head, string row)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync($"{head}Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n");
            Assert.True((await connection.ReadToEndAsync()).StartsWith("HTTP/1.1 40", StringComparison.Ordinal), row);
        }
    }

    /// <summary>It is the application's, as without the middleware.</summary>
    [Fact]
    public async Task S81_Connect_NoTunnel()
    {
        var contacts = 0;
        await using var origin = new LoopbackListener(
            socket =>
            {
                socket.Dispose();
                Interlocked.Increment(ref contacts);
                return Task.CompletedTask;
            },
            IPAddress.Loopback);
        await using var server = await UpgradeServer.StartAsync(app: static app => app.MapGet("/", static () => "open"));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"CONNECT {origin.EndPoint} HTTP/1.1\r\nHost: {origin.EndPoint}\r\n\r\n");
        Assert.InRange((await connection.ReadResponseAsync()).Status, 400, 599);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("open", (await connection.ReadResponseAsync()).Content);
        Assert.Equal(0, contacts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S40_AbsoluteForm_ItsAuthorityCounts(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(server: options => options.AllowHostHeaderOverride = true);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(
            "GET http://a.test/x HTTP/1.1\r\nHost: b.test\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n", serverName: "a.test");
        Assert.Contains("host=a.test", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S42_S50_Scheme_HttpsInsideTlsOnly(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync("GET /clear HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("scheme=http ", (await connection.ReadResponseAsync()).Content);
        await connection.UpgradeAsync();
        Assert.Contains("scheme=https ", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /after HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Contains("scheme=https ", (await connection.ReadResponseAsync()).Content);
    }

    /// <summary>An offer never makes a request fail: it is declined, and the answer is Kestrel's, as without the offer.</summary>
    [Theory]
    [InlineData("https://a.test/x", "a.test")]
    [InlineData("HTTPS://a.test/x", "a.test")]
    [InlineData("https://a.test/x", "b.test")]
    public async Task S43_HttpsTargetInClearText_OfferDeclined(string target, string host)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            var answers = new List<(int Status, string Content)>();
            foreach (var offer in new[] { "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n", "" })
            {
                await using var connection = await server.ConnectAsync().AfterAsync(later);
                await connection.SendAsync($"GET {target} HTTP/1.1\r\nHost: {host}\r\n{offer}\r\n");
                var response = await connection.ReadResponseAsync();
                answers.Add((response.Status, response.Content.Split(" upgrade=")[0]));
            }

            Assert.Equal(answers[1], answers[0]);
            Assert.NotEqual(101, answers[0].Status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S45_EmptyHostInsideTls_NoAuthorityInvented(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        await connection.ReadResponseAsync();
        await connection.SendAsync("GET / HTTP/1.1\r\nHost:\r\n\r\n");
        var response = await connection.ReadResponseAsync();
        Assert.True(response.Status is 400 or 421 || response.Content.Contains("host= "), response.Content);
    }

    [Theory]
    [InlineData("localhost", false)]
    [InlineData("localhost", true)]
    [InlineData("b.test", false)]
    [InlineData("b.test", true)]
    public async Task S46_NoServerName_CertificateByHostOfTheClearRequest(string host, bool later)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificateSelector =
            (_, name) => name == "b.test" ? TestCertificates.Other : TestCertificates.Server);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(Request(host: host), serverName: null);
        Assert.Equal(
            (host == "b.test" ? TestCertificates.Other : TestCertificates.Server).GetCertHashString(),
            connection.Tls!.RemoteCertificate!.GetCertHashString());
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    [Theory]
    [InlineData("a.test", "b.test")]
    [InlineData("127.0.0.1", "localhost")]
    [InlineData("[::1]", "localhost")]
    public async Task S47_ServerNameIsNotTheHost_ClosedWithoutApplicationData(string host, string serverName)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            Assert.Equal(112, await connection.UpgradeRefusedAsync(Request(host: host), serverName));
        }
    }

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("A.Test:8080", "a.test")]
    [InlineData("a.test.", "a.test")]
    [InlineData("xn--bcher-kva.test", "xn--bcher-kva.test")]
    [InlineData("XN--bcher-kva.test:80", "xn--bcher-kva.test")]
    [InlineData("127.0.0.1", null)]
    [InlineData("[::1]:8080", null)]
    [InlineData("localhost", null)]
    public async Task S47_ServerNameIsTheHostOrAbsent_Served(string host, string? serverName)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(Request(host: host), serverName);
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    /// <summary>Without a server name, a client of one host could be put behind a request for another one.</summary>
    [Theory]
    [InlineData("a.test")]
    [InlineData("A.Test.:8080")]
    public async Task S47_NoServerNameAndACertificateForSeveralHosts_Refused(string host)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            Assert.Equal(109, await connection.UpgradeRefusedAsync(Request(host: host), serverName: null));
        }
    }

    /// <summary>The certificate is known at another moment each time: before the ClientHello, behind it, or last of all.</summary>
    [Theory]
    [InlineData("selector", false)]
    [InlineData("selector", true)]
    [InlineData("callback", false)]
    [InlineData("callback", true)]
    [InlineData("callback's selector", false)]
    public async Task S47_NoServerNameAndACertificateFromCodeForSeveralHosts_Refused(string source, bool later)
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            if (source is "selector")
            {
                options.Https.ServerCertificateSelector = static (_, _) => TestCertificates.Server;
                return;
            }

            options.HandshakeCallback = new()
            {
                OnConnection = _ => new(source is "callback"
                    ? new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }
                    : new SslServerAuthenticationOptions { ServerCertificateSelectionCallback = static (_, _) => TestCertificates.Server }),
            };
        });
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        Assert.Equal(109, await connection.UpgradeRefusedAsync(Request(host: "a.test"), serverName: null));
        await server.Log.WaitForAsync(static line => line.Id.Name is "NamelessClientRefused");
    }

    [Theory]
    [InlineData("b.test", true)]
    [InlineData("B.test.", true)]
    [InlineData("a.test", false)]
    public async Task S47_NoServerNameAndACertificateForOneHost_ServedForThat(string host, bool expected)
    {
        await using var server = await UpgradeServer.StartAsync(options => options.Https.ServerCertificate = TestCertificates.Other);
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            if (expected)
            {
                await connection.UpgradeAsync(Request(host: host), serverName: null);
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }
            else
            {
                Assert.Equal(109, await connection.UpgradeRefusedAsync(Request(host: host), serverName: null));
            }
        }
    }

    /// <summary>A server name is in A-labels (RFC 6066 section 3). What else there is cannot be compared with safety.</summary>
    [Fact]
    public async Task S47_ServerNameInULabels_Refused()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        Assert.Equal(50, await connection.UpgradeRefusedAsync(Request(host: "xn--bcher-kva.test"), serverName: "b\u00fccher.test"));
    }
}
