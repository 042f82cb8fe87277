using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Faults;

/// <summary>Nothing of the plaintext phase survives the switch.</summary>
public sealed class LifetimeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UpgradedConnection_TimeoutsOfThePlaintextPhase_AreGone(bool later)
    {
        // Kestrel's plaintext HTTP leaves a drain timeout behind, which with these limits ends the connection after 3 s, and
        // one of its keep-alive timeout would after 4 s. Both are long past when the last request is made.
        using var probe = new ConnectionProbe();
        await using var server = await UpgradeServer.StartAsync(
            server: options =>
            {
                options.Limits.MinResponseDataRate = new MinDataRate(1_000_000, TimeSpan.FromSeconds(2));
                options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(4);
            },
            endpoint: probe.Attach);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        for (var beat = 0; beat < 8; beat++)
        {
            await probe.HeartbeatAsync();
            await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    /// <summary>The first read over TLS is begun again then, so that its buffer is not held, and neither side may notice.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task UpgradedConnection_SilentAtFirst_GoesOn(bool later)
    {
        CountingPipeReader? transport = null;
        await using var server = await UpgradeServer.StartAsync(endpoint: endpoint => endpoint.Use(next => connection =>
        {
            transport = new CountingPipeReader(connection.Transport.Input);
            connection.Transport = new DuplexPipe(transport, connection.Transport.Output);
            return next(connection);
        }));
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        await Settling.UntilAsync(() => transport!.AbandonedReads == 1, () => "the read that the handshake left");

        await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        await server.StopAsync();
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.True(connection.GotCloseNotify);
    }

    [Fact]
    public async Task ManyDeclinedOffersThenUpgrade_RegistrationsAndTagsDoNotPileUp()
    {
        using var listener = ListenToConnectionDuration();
        using var probe = new ConnectionProbe();
        await using var server = await UpgradeServer.StartAsync(endpoint: probe.Attach);
        await using (var connection = await server.ConnectAsync())
        {
            for (var i = 0; i < 200; i++)
            {
                await connection.SendAsync(Request(token: "TLS/9.9"));
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
            }

            await connection.UpgradeAsync();
            await connection.ReadResponseAsync();

            // The wait for the first bytes, plaintext HTTP, the first read over TLS and HTTP over TLS.
            Assert.InRange(probe.HeartbeatRegistrations, 3, 4);
        }

        var tags = await probe.EndAsync();
        Assert.Equal(
            [
                "network.protocol.name=http", "network.protocol.version=1.1", "tls.protocol.version=1.3",
                "tls_upgrade.outcome=upgraded", "tls_upgrade.start=later_request",
            ],
            tags.Select(tag => $"{tag.Key}={tag.Value}").Order());
    }

    [Fact]
    public async Task PlaintextConnection_KeepsTheTagsOfPlaintextHttp()
    {
        using var listener = ListenToConnectionDuration();
        using var probe = new ConnectionProbe();
        await using var server = await UpgradeServer.StartAsync(endpoint: probe.Attach);
        await using (var connection = await server.ConnectAsync().AfterAsync(later: true))
        {
            await connection.SendAsync("nonsense\r\n\r\n");
            await connection.ReadToEndAsync();
        }

        var tags = await probe.EndAsync();
        Assert.Equal(
            [
                "error.type=invalid_request_line", "network.protocol.name=http", "network.protocol.version=1.1",
                "tls_upgrade.outcome=plaintext",
            ],
            tags.Select(tag => $"{tag.Key}={tag.Value}").Order());
    }

    [Fact]
    public async Task MaxConcurrentUpgradedConnections_Reached_OfferDeclined()
    {
        await using var server = await UpgradeServer.StartAsync(server: options => options.Limits.MaxConcurrentUpgradedConnections = 0);
        await using var connection = await server.ConnectAsync().AfterAsync(later: true);
        await connection.SendAsync(Request());
        var response = await connection.ReadResponseAsync();
        Assert.Contains("GET /x scheme=http state=Plaintext", response.Content);
        Assert.Null(response["Upgrade"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task MaxConcurrentConnections_UpgradedConnection_StillCounts(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(server: options => options.Limits.MaxConcurrentConnections = 1);
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync();
        await connection.ReadResponseAsync();

        await using var second = await server.ConnectAsync();
        Assert.Empty(await second.ReadToEndAsync());
    }

    [Fact]
    public async Task ItemsAndFeaturesOfThePlaintextPhase_NotInheritedByTheTlsPhase()
    {
        var seen = new ConcurrentQueue<string>();
        await using var server = await UpgradeServer.StartAsync(builder =>
        {
            builder.WebHost.UseTlsUpgrade(options => options.Https.ServerCertificate = TestCertificates.Server);
            builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => context =>
            {
                var isTls = context.Features.Get<ITlsHandshakeFeature>() is not null;
                seen.Enqueue($"tls={isTls} item={context.Items.ContainsKey("user")} feature={context.Features.Get<Uri>() is not null}");
                context.Items["user"] = "clear";
                context.Features.Set(new Uri("http://clear/"));
                return next(context);
            })));
        });
        await using var connection = await server.ConnectAsync().AfterAsync(later: true);
        await connection.UpgradeAsync();
        await connection.ReadResponseAsync();
        Assert.Equal(["tls=False item=False feature=False", "tls=True item=False feature=False"], seen);
    }

    /// <summary>Kestrel tags connections only while somebody listens.</summary>
    private static MeterListener ListenToConnectionDuration()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "kestrel.connection.duration")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.Start();
        return listener;
    }
}
