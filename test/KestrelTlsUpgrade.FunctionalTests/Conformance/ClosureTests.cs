using System.Net.Security;
using System.Net.Sockets;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>Requirements S-62 to S-70 and S-82: HTTP over TLS and how it ends.</summary>
public sealed class ClosureTests
{
    public static TheoryData<TlsStart> Starts => [.. Enum.GetValues<TlsStart>()];

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S62_AfterHandshake_OnlyTlsRecordsAndKeepAlive(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        for (var i = 0; i < 3; i++)
        {
            await connection.SendAsync($"GET /{i} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.StartsWith($"GET /{i} scheme=https", (await connection.ReadResponseAsync()).Content);
        }

        var wire = connection.Wire.Received.AsSpan();
        if (start is not TlsStart.Direct)
        {
            wire = wire[(wire.IndexOf("101 Switching"u8) + 1)..];
            wire = wire[(wire.IndexOf("\r\n\r\n"u8) + 4)..];
        }

        while (!wire.IsEmpty)
        {
            Assert.InRange(wire[0], 20, 23);
            Assert.Equal(0x03, wire[1]);
            wire = wire[(5 + (wire[3] << 8) + wire[4])..];
        }
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_S64_ConnectionClose_CloseNotifyBeforeEnd(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);

        // The client sends no close_notify of its own: the server does not wait for one.
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_BadRequest_CloseNotifyBeforeEnd(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("nonsense\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_IdleTimeout_CloseNotifyBeforeEnd(TlsStart start)
    {
        await using var server = await StartAsync(keepAliveTimeout: TimeSpan.FromSeconds(1));
        await using var connection = await StartTlsAsync(server, start);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_Shutdown_CloseNotifyBeforeEnd(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        var stop = server.StopAsync();
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
        await stop;
    }

    public static MatrixTheoryData<TlsStart, string, bool> Cuts { get; } = new(
        Enum.GetValues<TlsStart>(), ["HTTP/1.0", "HTTP/1.1"], [false, true]);

    /// <summary>
    /// A response that ends with the connection is whole after close_notify (RFC 9112 sections 8, 9.8), so one that was cut must not have
    /// it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task S63_ApplicationFailsInItsResponse_NoCloseNotify(TlsStart start, string version, bool isThrownAtOnce)
    {
        await using var server = await StartAsync(app => app.Run(async context =>
        {
            await context.Response.WriteAsync("half");
            await context.Response.Body.FlushAsync();
            if (!isThrownAtOnce)
            {
                await Task.Yield();
            }

            throw new InvalidTimeZoneException();
        }), "/cut");
        server.IsExpected = line => line.Exception is InvalidTimeZoneException;
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync($"GET /cut {version}\r\nHost: localhost\r\n\r\n");
        Assert.Contains("half", await connection.ReadToEndAsync());
        Assert.False(connection.GotCloseNotify);
    }

    /// <summary>Middleware that returns a failed task, or throws before it returns one.</summary>
    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_MiddlewareThrowsAfterItsResponse_NoCloseNotify(TlsStart start)
    {
        await using var server = await StartAsync(
            app => app.Run(context =>
            {
                _ = context.Response.WriteAsync("half");
                throw new InvalidTimeZoneException();
            }),
            "/cut");
        server.IsExpected = line => line.Exception is InvalidTimeZoneException;
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET /cut HTTP/1.0\r\n\r\n");
        await connection.ReadToEndAsync();
        Assert.False(connection.GotCloseNotify);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_ApplicationAborts_NoCloseNotify(TlsStart start)
    {
        await using var server = await StartAsync(
            app => app.Run(async context =>
            {
                await context.Response.WriteAsync("half");
                await context.Response.Body.FlushAsync();
                context.Abort();
            }),
            "/cut");
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET /cut HTTP/1.0\r\n\r\n");
        await connection.ReadToEndAsync();
        Assert.False(connection.GotCloseNotify);
    }

    /// <summary>The response to the offer itself.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S63_ReplayedRequestFailsInItsResponse_NoCloseNotify(bool later)
    {
        await using var server = await StartAsync(
            app => app.Run(async context =>
            {
                await context.Response.WriteAsync("half");
                throw new InvalidTimeZoneException();
            }),
            "/cut");
        server.IsExpected = line => line.Exception is InvalidTimeZoneException;
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(Request(target: "/cut"));
        await connection.ReadToEndAsync();
        Assert.False(connection.GotCloseNotify);
    }

    /// <summary>What the application swallows it has answered, and a failure before the response has a whole response of its own.</summary>
    [Theory]
    [InlineData("/swallowed", "half")]
    [InlineData("/failed", "500")]
    [InlineData("/whole", "whole")]
    public async Task S63_ResponseIsWhole_CloseNotifyBeforeEnd(string path, string expected)
    {
        await using var server = await StartAsync(
            app => app.Run(async context =>
            {
                if (context.Request.Path == "/failed")
                {
                    throw new InvalidTimeZoneException();
                }

                try
                {
                    await context.Response.WriteAsync(context.Request.Path == "/whole" ? "whole" : "half");
                    throw new InvalidTimeZoneException();
                }
                catch (InvalidTimeZoneException)
                {
                }
            }),
            path);
        server.IsExpected = line => line.Exception is InvalidTimeZoneException;
        foreach (var start in Enum.GetValues<TlsStart>())
        {
            await using var connection = await StartTlsAsync(server, start);
            await connection.SendAsync($"GET {path} HTTP/1.0\r\n\r\n");
            Assert.Contains(expected, await connection.ReadToEndAsync());
            Assert.True(connection.GotCloseNotify);
        }
    }

    /// <summary>
    /// Closing with octets unread resets the connection, and the rest of the response with it. The server reads on until the client has
    /// closed (RFC 9112 section 9.6). The clock stands still, because a client on a busy machine may take longer than the server waits.
    /// </summary>
    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_ConnectionCloseAndAnotherRequest_ResponseArrivesWhole(TlsStart start)
    {
        const int Length = 64_000;
        await using var server = await StartAsync(
            app => app.Run(context => context.Response.WriteAsync(new string('a', Length))),
            "/long",
            new FakeTimeProvider(DateTimeOffset.UtcNow));
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET /long HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        // More than all buffers hold, so that some of it is unread whenever the server closes.
        var more = new string('b', 10_000_000);
        await connection.SendAsync($"POST /more HTTP/1.1\r\nHost: localhost\r\nContent-Length: {more.Length}\r\n\r\n{more}");
        Assert.Equal(Length, (await connection.ReadResponseAsync()).Content.Length);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    /// <summary>Middleware of a startup filter can stand outside ours. For Kestrel, the response is whole then and the connection goes on.</summary>
    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_FailureIsHandledOutside_NextResponseEndsWithCloseNotify(TlsStart start)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.DirectTls = DirectTlsMode.Any,
            app: app =>
            {
                app.UseWhen(static context => context.Request.Path == "/cut", static branch => branch.Run(static async context =>
                {
                    context.Response.ContentLength = 4;
                    await context.Response.WriteAsync("half");
                    throw new InvalidTimeZoneException();
                }));
                app.Run(UpgradeServer.DescribeAsync);
            },
            services: static services => services.Insert(0, ServiceDescriptor.Transient<IStartupFilter, HandlingFilter>()));
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET /cut HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal("half", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    /// <summary>Only so many octets, and only for so long.</summary>
    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S63_ClientNeverStopsSending_ConnectionEndsAllTheSame(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await connection.ReadResponseAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            var block = new byte[256 * 1024];
            while (true)
            {
                await connection.SendAsync(block);
            }
        });
        await server.Log.WaitForAsync(line => line.Id.Name == "ConnectionStop");
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S64_ClientNeverCloses_ConnectionEndsAllTheSame(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await connection.ReadResponseAsync();
        await server.Log.WaitForAsync(line => line.Id.Name == "ConnectionStop");
    }

    [Fact]
    public async Task S63_Http2_CloseNotifyBeforeEnd()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.StartTlsAsync(alpn: [SslApplicationProtocol.Http2]);
        await connection.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

        // The server's SETTINGS frame says that HTTP/2 has begun.
        Assert.Equal(0x04, (await connection.ReadAsync(9))[3]);
        var stop = server.StopAsync();
        await connection.ReadToEndAsync();
        Assert.True(connection.GotCloseNotify);
        await stop;
    }

    [Theory]
    [InlineData(TlsStart.FirstRequest, false)]
    [InlineData(TlsStart.FirstRequest, true)]
    [InlineData(TlsStart.LaterRequest, false)]
    [InlineData(TlsStart.LaterRequest, true)]
    [InlineData(TlsStart.Direct, false)]
    [InlineData(TlsStart.Direct, true)]
    public async Task S65_S82_ClientJustCloses_EndsQuietly(TlsStart start, bool reset)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await connection.ReadResponseAsync();
        if (reset)
        {
            connection.Reset();
        }
        else
        {
            connection.Shutdown();
            Assert.Empty(await connection.ReadToEndAsync());
        }

        await server.Log.WaitForAsync(line => line.Id.Name == "ConnectionStop");
        Assert.DoesNotContain(server.Log.Lines, line => line.Level > LogLevel.Debug && !line.Category.Contains("Hosting"));
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S66_CloseNotifyBehindRequest_ResponseStillArrives(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.SendAsync("GET /last HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await connection.Tls!.ShutdownAsync();
        await connection.Wire.WriteAsync("GET /injected HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());

        var answer = await connection.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200", answer);
        Assert.Contains("GET /last", answer);
        Assert.DoesNotContain("injected", answer);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task S67_CorruptRecord_AlertOrEndAndNoResponse(TlsStart start)
    {
        await using var server = await StartAsync();
        await using var connection = await StartTlsAsync(server, start);
        await connection.Wire.WriteAsync(new byte[] { 0x17, 0x03, 0x03, 0x00, 0x20 }.Concat(new byte[32]).ToArray());
        Assert.Empty(await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S69_UnixSocket_Upgrades(bool later)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(path));
        });
        await using var connection = await RawConnection.OpenAsync(new UnixDomainSocketEndPoint(path)).AfterAsync(later);
        await connection.UpgradeAsync();
        Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task S70_ClientCertificate_CheckedByTheOwnersCallback(bool isAccepted)
    {
        await using var server = await UpgradeServer.StartAsync(options =>
        {
            options.Https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            options.Https.ClientCertificateValidation = (certificate, _, _) =>
                isAccepted == (certificate.Subject == TestCertificates.Client.Subject);
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        await connection.ReadResponseAsync();
        if (!isAccepted)
        {
            // TLS 1.3 tells the client only after its own handshake is done.
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                await connection.StartTlsAsync(configure: options => options.ClientCertificates = [TestCertificates.Client]);
                await connection.ReadResponseAsync();
            });
            return;
        }

        await connection.StartTlsAsync(configure: options => options.ClientCertificates = [TestCertificates.Client]);

        // The replayed request came before the certificate.
        Assert.Equal(403, (await connection.ReadResponseAsync()).Status);
        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
    }

    private static Task<UpgradeServer> StartAsync(TimeSpan? keepAliveTimeout = null) => UpgradeServer.StartAsync(
        options => options.DirectTls = DirectTlsMode.Any,
        server => server.Limits.KeepAliveTimeout = keepAliveTimeout ?? server.Limits.KeepAliveTimeout,
        app => app.Run(UpgradeServer.DescribeAsync));

    /// <summary>Starts a server with a branch for one path.</summary>
    private static Task<UpgradeServer> StartAsync(Action<IApplicationBuilder> configure, string path, TimeProvider? time = null) => UpgradeServer.StartAsync(
        options => options.DirectTls = DirectTlsMode.Any,
        services: services => services.SetServerClock(time ?? TimeProvider.System),
        app: app =>
        {
            app.UseWhen(context => context.Request.Path == path, configure);
            app.Run(UpgradeServer.DescribeAsync);
        });

    private static async Task<RawConnection> StartTlsAsync(UpgradeServer server, TlsStart start)
    {
        var connection = await server.ConnectAsync().AfterAsync(start is TlsStart.LaterRequest);
        if (start is TlsStart.Direct)
        {
            await connection.StartTlsAsync();
        }
        else
        {
            await connection.UpgradeAsync();
            await connection.ReadResponseAsync();
        }

        return connection;
    }

    private sealed class HandlingFilter : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(static async (HttpContext context, RequestDelegate next) =>
            {
                try
                {
                    await next(context);
                }
                catch (InvalidTimeZoneException)
                {
                    // As an exception handler that only logs.
                }
            });
            next(app);
        };
    }
}
