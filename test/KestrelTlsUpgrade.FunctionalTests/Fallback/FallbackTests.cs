using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Fallback;

/// <summary>A caller that TLS fails for is served in clear text next time.</summary>
public sealed class FallbackTests
{
    private const string Next = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private const string Agent = "User-Agent: old/1.0 (x)\r\n";

    /// <summary>The alert unknown_ca, as a client sends it that does not trust the certificate.</summary>
    private static readonly byte[] UnknownCa = [0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 48];

    public static TheoryData<bool> FirstAndLater { get; } = [false, true];

    [Theory]
    [MemberData(nameof(FirstAndLater))]
    public async Task Distrusting_FailsOnce_AndIsServedInClearText(bool later)
    {
        await using var server = await StartAsync();
        await FailAsync(server, later);
        for (var i = 0; i < 3; i++)
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(fields: Agent));
            Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);

            // The connection goes on.
            await connection.SendAsync(Request(fields: Agent));
            Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
        }
    }

    public static TheoryData<string, string, string> Others { get; } = new()
    {
        { "another client at the address", "127.0.0.1", Request(fields: "User-Agent: new/2.0\r\n") },
        { "another address", "127.0.0.2", Request(fields: Agent) },
        { "OPTIONS *", "127.0.0.1", Request("OPTIONS", "*", fields: Agent) },
        { "a resource that requires TLS", "127.0.0.1", Request(target: "/required", fields: Agent) },
        { "a client that knows about the upgrade", "127.0.0.1", Request(token: HintedToken, fields: Agent) },
    };

    /// <summary>Each as a first and as a later request.</summary>
    [Theory]
    [MemberData(nameof(Others))]
    public async Task Distrusting_OthersAndOtherRequests_AreUpgraded(string who, string address, string request)
    {
        _ = who;
        foreach (var later in new[] { false, true })
        {
            await using var server = await StartAsync();
            await FailAsync(server);
            await using var connection = await RawConnection.OpenAsync(server.EndPoint, IPAddress.Parse(address)).AfterAsync(later);
            await connection.UpgradeAsync(request);
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    /// <summary>The same caller, on one connection: what is optional stays in clear text, and what requires TLS is upgraded.</summary>
    [Fact]
    public async Task Distrusting_OneConnection_IsJudgedRequestByRequest()
    {
        await using var server = await StartAsync();
        await FailAsync(server);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request(fields: Agent));
        Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
        await connection.UpgradeAsync(Request(target: "/required", fields: Agent));
        Assert.Contains("GET /required scheme=https state=Upgraded", (await connection.ReadResponseAsync()).Content);
    }

    [Fact]
    public async Task Lifetime_Ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync(services: services => services.SetServerClock(time));
        await FailAsync(server);
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.False(await IsUpgradedAsync(server));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await IsUpgradedAsync(server));
    }

    [Fact]
    public async Task Zero_EveryOfferIsAccepted()
    {
        await using var server = await StartAsync(static options => options.FallbackLifetime = TimeSpan.Zero);
        await FailAsync(server);
        await FailAsync(server);
        Assert.True(await IsUpgradedAsync(server));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "CallerFellBack");
    }

    /// <summary>Another certificate or another setting may be what the caller waits for.</summary>
    [Fact]
    public async Task ChangedSettings_EverybodyIsUnknownAgain()
    {
        var pushed = new Configuration.PushedSettings();
        await using var server = await Configuration.ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", "TlsUpgrade:FallbackLifetime=01:00:00"],
            static options => options.Https.ServerCertificate = TestCertificates.Server,
            builder => ((Microsoft.Extensions.Configuration.IConfigurationBuilder)builder.Configuration).Add(pushed));
        await FailAsync(server);
        Assert.False(await IsUpgradedAsync(server));
        pushed.Push("TlsUpgrade:Advertise", "EveryResponse");
        await server.Log.WaitForAsync(static line => line.Id.Name == "SettingsReloaded");
        Assert.True(await IsUpgradedAsync(server));
    }

    /// <summary>A pool opens eight connections at once, before any of them has shown whether TLS works.</summary>
    [Fact]
    public async Task Unknown_HasOneOfferInFlight_AndAllOnceItHasSucceeded()
    {
        await using var server = await StartAsync();
        await using var first = await server.ConnectAsync();
        await first.SendAsync(Request(fields: Agent));
        Assert.Equal(101, (await first.ReadResponseAsync()).Status);
        for (var i = 0; i < 7; i++)
        {
            Assert.False(await IsUpgradedAsync(server));
        }

        await first.StartTlsAsync();
        Assert.Equal(200, (await first.ReadResponseAsync()).Status);
        await first.SendAsync(Next);
        Assert.Equal(200, (await first.ReadResponseAsync()).Status);
        for (var i = 0; i < 7; i++)
        {
            Assert.True(await IsUpgradedAsync(server));
        }
    }

    [Fact]
    public async Task Unknown_FirstOfferHangs_AnotherIsAcceptedAfterTwoSeconds()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync(services: services => services.SetServerClock(time));
        await using var hanging = await server.ConnectAsync();
        await hanging.SendAsync(Request(fields: Agent));
        Assert.Equal(101, (await hanging.ReadResponseAsync()).Status);
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(await IsUpgradedAsync(server));
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(await IsUpgradedAsync(server));
    }

    /// <summary>An attacker on the path can forge an alert instead of a ClientHello.</summary>
    [Fact]
    public async Task SucceededBefore_AlertInsteadOfHello_IsNotDeclined()
    {
        await using var server = await StartAsync();
        Assert.True(await IsUpgradedAsync(server));
        await FailAsync(server, isToFallBack: false);
        Assert.True(await IsUpgradedAsync(server));
    }

    /// <summary>.NET itself is such a client: it looks at the certificate once the handshake is over.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task ChecksTheCertificateLast_FailsOnce_AndIsServedInClearText(SslProtocols version)
    {
        await using var server = await StartAsync();
        await using (var connection = await server.ConnectAsync())
        {
            await connection.SendAsync(Request(fields: Agent));
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await Assert.ThrowsAsync<AuthenticationException>(() => connection.StartTlsAsync(
                versions: version, configure: static options => options.RemoteCertificateValidationCallback = static (_, _, _, _) => false));
        }

        await server.Log.WaitForAsync(static line => line.Id.Name == "CallerFellBack");
        Assert.False(await IsUpgradedAsync(server));
    }

    /// <summary>
    /// It looks at the certificate once the handshake is over, at once or a while later, and closes the connection with the answer unread, or
    /// resets it.
    /// </summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task LeavesOnceTheHandshakeIsOver_IsServedInClearText(bool waitsForTheAnswer, bool resets)
    {
        await using var server = await StartAsync();
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeAsync(Request(fields: Agent));
            if (waitsForTheAnswer)
            {
                Assert.True(SpinWait.SpinUntil(() => connection.Socket.Available > 0, RawConnection.Patience));
            }

            if (resets)
            {
                connection.Reset();
            }
        }

        Assert.Contains("gone_after_handshake", (await server.Log.WaitForAsync(static line => line.Id.Name is "CallerFellBack")).Message);
        Assert.False(await IsUpgradedAsync(server));
    }

    /// <summary>The application is still answering, and gives up because the client has left.</summary>
    [Fact]
    public async Task ResetsWhileItIsAnswered_IsServedInClearText()
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.FallbackLifetime = TimeSpan.FromHours(1),
            app: static app => app.Run(static async context =>
            {
                while (context.Request.IsHttps)
                {
                    await context.Response.Body.WriteAsync("more"u8.ToArray(), context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
            }));
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeAsync(Request(fields: Agent));
            await connection.ReadHeadAsync();
            connection.Reset();
        }

        Assert.Contains("gone_after_handshake", (await server.Log.WaitForAsync(static line => line.Id.Name is "CallerFellBack")).Message);
        await using var again = await server.ConnectAsync();
        await again.SendAsync(Request(fields: Agent));
        Assert.Equal(200, (await again.ReadResponseAsync()).Status);
    }

    /// <summary>It closes in good order before the application answers, and takes the answer then.</summary>
    [Fact]
    public async Task ClosesBeforeTheAnswer_IsServedInClearText()
    {
        var answer = new TaskCompletionSource();
        await using var server = await UpgradeServer.StartAsync(
            static options => options.FallbackLifetime = TimeSpan.FromHours(1), app: app => app.Run(_ => answer.Task));
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeAsync(Request(fields: Agent));
            await connection.Tls!.ShutdownAsync();
            connection.Shutdown();
            await server.Log.WaitForAsync(static line => line.Message.EndsWith("received FIN.", StringComparison.Ordinal));
            answer.SetResult();
            await connection.ReadToEndAsync();
        }

        Assert.Contains("gone_after_handshake", (await server.Log.WaitForAsync(static line => line.Id.Name is "CallerFellBack")).Message);
    }

    /// <summary>As Java does: with close_notify, and a reset behind it because the answer is unread.</summary>
    [Fact]
    public async Task ClosesInGoodOrderWithTheAnswerUnread_IsServedInClearText()
    {
        await using var server = await StartAsync();
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeAsync(Request(fields: Agent));
            Assert.True(SpinWait.SpinUntil(() => connection.Socket.Available > 0, RawConnection.Patience));
            await connection.Tls!.ShutdownAsync();
            connection.Socket.Close();
        }

        Assert.Contains("gone_after_handshake", (await server.Log.WaitForAsync(static line => line.Id.Name is "CallerFellBack")).Message);
        Assert.False(await IsUpgradedAsync(server));
    }

    /// <summary>A client with a pool that has gone on over TLS once may reset its connections as it likes.</summary>
    [Fact]
    public async Task WentOnOverTls_ResetsLater_IsUpgraded()
    {
        await using var server = await StartAsync();
        for (var i = 0; i < 2; i++)
        {
            await using var connection = await server.ConnectAsync();
            await connection.UpgradeAsync(Request(fields: Agent));
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            if (i == 0)
            {
                await connection.SendAsync(Next);
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }

            connection.Reset();
        }

        Assert.True(await IsUpgradedAsync(server));
        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "CallerFellBack");
    }

    /// <summary>A client for one request, which then leaves, is not one that TLS fails for.</summary>
    [Fact]
    public async Task LeavesWithTheAnswer_IsUpgradedNextTime()
    {
        await using var server = await StartAsync();
        Assert.True(await IsUpgradedAsync(server, leaves: true));
        for (var i = 0; i < 3; i++)
        {
            // The server may see it leave a moment later. Until then its first upgrade is under way.
            using var patience = new CancellationTokenSource(RawConnection.Patience);
            while (!await IsUpgradedAsync(server, leaves: true))
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }

        Assert.DoesNotContain(server.Log.Lines, static line => line.Id.Name == "CallerFellBack");
    }

    public static TheoryData<string, string> ByName { get; } = new()
    {
        { "second.test", "sni_missing" },
        { "other.test", "sni_mismatch" },
    };

    /// <summary>A client that calls the server by another name than its certificate has.</summary>
    [Theory]
    [MemberData(nameof(ByName))]
    public async Task CallsByAnotherName_FailsOnceForThatName(string host, string cause)
    {
        using var certificate = TestCertificates.Create("localhost", "1.3.6.1.5.5.7.3.1", includeAddresses: false, "localhost", "second.test");
        await using var server = await StartAsync(options => options.Https.ServerCertificate = certificate);
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeRefusedAsync(Request(host: host, fields: Agent), serverName: host == "second.test" ? null : "localhost");
        }

        Assert.Contains(cause, (await server.Log.WaitForAsync(static line => line.Id.Name == "CallerFellBack")).Message);
        await using (var again = await server.ConnectAsync())
        {
            await again.SendAsync(Request(host: host, fields: Agent));
            Assert.Contains("state=Plaintext", (await again.ReadResponseAsync()).Content);
        }

        Assert.True(await IsUpgradedAsync(server));
    }

    /// <summary>Real clients, which check the certificate within the handshake.</summary>
    [Theory]
    [InlineData("TLSv1_2", "localhost", "client_rejected_certificate")]
    [InlineData("TLSv1_3", "localhost", "client_rejected_certificate")]
    [InlineData("TLSv1_3", "elsewhere.test", "name_not_in_certificate")]
    public async Task Python_Distrusting_FailsOnce(string version, string host, string cause)
    {
        const string Script =
            """
            import socket, ssl, sys
            port, version, host, trusted = sys.argv[1:]
            for i in range(3):
                connection = socket.create_connection(("127.0.0.1", int(port)))
                connection.sendall(f"GET /x HTTP/1.1\r\nHost: {host}\r\nUser-Agent: old/1.0\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n".encode())
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += connection.recv(1)
                if not head.startswith(b"HTTP/1.1 101"):
                    print("clear")
                    continue
                context = ssl.create_default_context(cafile=trusted or None)
                context.maximum_version = ssl.TLSVersion[version]
                try:
                    context.wrap_socket(connection, server_hostname=host)
                    print("upgraded")
                except ssl.SSLCertVerificationError:
                    print("failed")
            """;
        using var files = new CertificateFiles();
        await using var server = await StartAsync();
        var trusted = host == "localhost" ? "" : files.WritePem("server.pem", TestCertificates.Server);
        var told = await Peers.RunAsync(
            "", "python3", "-c", Script, server.Port.ToString(CultureInfo.InvariantCulture), version, host, trusted);
        Assert.Equal("failed\nclear\nclear\n", told.Output);

        // A reset right behind the alert can overtake it.
        Assert.Matches($"failed: ({cause}|gone_after_certificate)\\. ", (await server.Log.WaitForAsync(static line => line.Id.Name == "CallerFellBack")).Message);
    }

    /// <summary>What the server causes says nothing about the client.</summary>
    [Fact]
    public async Task ServerFails_IsNotCounted()
    {
        var fails = true;
        await using var server = await StartAsync(options => options.HandshakeCallback = new()
        {
            OnConnection = _ => fails
                ? throw new InvalidOperationException("The application fails.")
                : new(new SslServerAuthenticationOptions { ServerCertificate = TestCertificates.Server }),
        });
        server.IsExpected = static line => line.Exception?.Message == "The application fails.";
        await using (var connection = await server.ConnectAsync())
        {
            await connection.SendAsync(Request(fields: Agent));
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await Assert.ThrowsAnyAsync<Exception>(() => connection.StartTlsAsync());
        }

        await server.Log.WaitForAsync(static line => line.Id.Name == "UpgradeFailed");
        fails = false;
        Assert.True(await IsUpgradedAsync(server));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_HasOneWarning_WithWhatToDo_AndTheAddressWhereAllowed(bool logsAddresses)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await StartAsync(
            options => options.LogClientAddresses = logsAddresses, services: services => services.SetServerClock(time));
        await FailAsync(server);
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "CallerFellBack");
        Assert.Equal(LogLevel.Warning, line.Level);
        Assert.Contains(logsAddresses ? " from 127.0.0.1: old offered an upgrade for localhost" : ": old offered an upgrade for localhost", line.Message);
        Assert.Contains("client_alert. Clients ended the handshake with an alert. Check their logs.", line.Message);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"declined until {time.GetUtcNow().AddHours(1):u},"), line.Message);
        Assert.Contains("OffersFrom:ExceptProducts, or set Offers to WhereRequired.", line.Message);
        var failure = await server.Log.WaitForAsync(static line => line.Id.Name == "UpgradeFailed");
        Assert.Equal(logsAddresses, failure.Message.Contains("127.0.0.1", StringComparison.Ordinal));
        Assert.EndsWith("To leave such clients in clear text, set Offers or OffersFrom.", failure.Message);

        time.Advance(TimeSpan.FromHours(1));
        await FailAsync(server, isToFallBack: false);
        Assert.Equal(LogLevel.Information, (await server.Log.WaitForAsync(static line => line.Id.Name == "CallerFellBackAgain")).Level);
        Assert.Single(server.Log.Lines, static line => line.Id.Name == "CallerFellBack");
    }

    [Fact]
    public async Task UnixSocket_HasNoMemory()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.sock");
        await using var server = await UpgradeServer.StartAsync(
            builder =>
            {
                builder.Services.AddTlsUpgrade();
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, static listen => listen.UseTlsUpgrade(static options =>
                {
                    options.Https.ServerCertificate = TestCertificates.Server;
                    options.FallbackLifetime = TimeSpan.FromHours(1);
                })));
            });
        for (var i = 0; i < 2; i++)
        {
            await using var connection = await RawConnection.OpenAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            await connection.SendAsync(Request(fields: Agent));
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await connection.SendAsync(UnknownCa);
            await connection.ReadToEndAsync();
        }
    }

    [Fact]
    public async Task ShareFallback_WithoutACache_FailsTheStart()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(static options => options.ShareFallback = true));
        Assert.Contains("Call builder.Services.AddStackExchangeRedisCache()", failure.Message);
    }

    /// <summary>Two servers and one cache.</summary>
    [Theory]
    [MemberData(nameof(FirstAndLater))]
    public async Task ShareFallback_FailedAtOne_IsServedInClearTextByTheOther(bool later)
    {
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        await using var one = await StartSharingAsync(cache);
        await using var two = await StartSharingAsync(cache);
        Assert.True(await IsUpgradedAsync(two, later, "User-Agent: new/2.0\r\n"));
        await FailAsync(one, later);
        Assert.False(await IsUpgradedAsync(two, later));
        Assert.False(await IsUpgradedAsync(one, later));
    }

    /// <summary>The client may accept another certificate.</summary>
    [Fact]
    public async Task ShareFallback_OtherHasAnotherCertificate_IsUpgradedThere()
    {
        var cache = new MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));
        await using var one = await StartSharingAsync(cache);
        await using var two = await StartSharingAsync(cache, TestCertificates.Rsa);
        await FailAsync(one);
        Assert.True(await IsUpgradedAsync(two));
    }

    /// <summary>The callback comes first, and does not replace the memory.</summary>
    [Theory]
    [MemberData(nameof(FirstAndLater))]
    public async Task OfferAcceptedByCode_FailsOnce(bool later)
    {
        await using var server = await StartAsync(static options => options.AcceptOffer = static _ => new(true));
        await FailAsync(server, later);
        Assert.False(await IsUpgradedAsync(server, later));
        await using var required = await server.ConnectAsync().AfterAsync(later);
        await required.UpgradeAsync(Request(target: "/required", fields: Agent));
    }

    /// <summary>The server declines, which says nothing of the caller.</summary>
    [Fact]
    public async Task LimitOfUpgradedConnections_EndsTheTrial()
    {
        await using var server = await UpgradeServer.StartAsync(
            static options => options.FallbackLifetime = TimeSpan.FromHours(1), static server => server.Limits.MaxConcurrentUpgradedConnections = 0);
        for (var i = 0; i < 2; i++)
        {
            Assert.False(await IsUpgradedAsync(server, later: true));
        }

        Assert.Equal(2, server.Log.Lines.Count(static line => line.Id.Name == "DeclinedByLimit"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Log_OfARefusal_HasTheAddressWhereAllowed(bool logsAddresses)
    {
        await using var server = await StartAsync(options => options.LogClientAddresses = logsAddresses);
        await using var connection = await server.ConnectAsync();
        await connection.UpgradeRefusedAsync(Request(fields: Agent), serverName: "other.test");
        var line = await server.Log.WaitForAsync(static line => line.Id.Name == "ServerNameRefused");
        Assert.Equal(logsAddresses, line.Message.Contains(" from 127.0.0.1 was upgraded", StringComparison.Ordinal));
    }

    private static Task<UpgradeServer> StartSharingAsync(IDistributedCache cache, X509Certificate2? certificate = null) =>
        StartAsync(
            options =>
            {
                options.ShareFallback = true;
                options.Https.ServerCertificate = certificate ?? TestCertificates.Server;
            },

            // The clock stands still: the cache has as long as it needs.
            services => services.AddSingleton(cache).SetServerClock(new FakeTimeProvider(DateTimeOffset.UtcNow)));

    private static Task<UpgradeServer> StartAsync(Action<TlsUpgradeOptions>? configure = null, Action<IServiceCollection>? services = null) =>
        UpgradeServer.StartAsync(
            options =>
            {
                options.FallbackLifetime = TimeSpan.FromHours(1);
                configure?.Invoke(options);
            },
            app: static app =>
            {
                app.MapGet("/required", static () => "").RequireTlsUpgrade();
                UpgradeServer.Describe(app);
            },
            services: services);

    private static async Task FailAsync(UpgradeServer server, bool later = false, bool isToFallBack = true)
    {
        await using (var connection = await server.ConnectAsync().AfterAsync(later))
        {
            await connection.SendAsync(Request(fields: Agent));
            Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            await connection.SendAsync(UnknownCa);
            await connection.ReadToEndAsync();
        }

        if (isToFallBack && server.Log.Lines.Count > 0)
        {
            await server.Log.WaitForAsync(static line => line.Id.Name is "CallerFellBack" or "UpgradeFailed");
        }
    }

    /// <summary>Whether an optional offer is accepted. If so, the client sends another request over TLS, and is known from then on.</summary>
    private static async Task<bool> IsUpgradedAsync(UpgradeServer server, bool later = false, string fields = Agent, bool leaves = false)
    {
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.SendAsync(Request(fields: fields));
        var response = await connection.ReadResponseAsync();
        if (response.Status != 101)
        {
            Assert.Contains("state=Plaintext", response.Content);
            return false;
        }

        await connection.StartTlsAsync();
        Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
        if (leaves)
        {
            await connection.Tls!.ShutdownAsync();
        }
        else
        {
            await connection.SendAsync(Next);
            Assert.Contains("state=Upgraded", (await connection.ReadResponseAsync()).Content);
        }

        return true;
    }
}
