using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>How connections ended up, by real connections: our own instruments, and the tags on Kestrel's.</summary>
public sealed class ConnectionMetricsTests
{
    private const string Last = "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task Connection_WithoutAByte_IsSilent()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                connection.Shutdown();
                await connection.ReadToEndAsync();
            },
            "tls_upgrade.outcome=silent");
    }

    [Fact]
    public async Task Connection_ThatIsClosedBeforeItSpoke_IsSilent()
    {
        await using var server = await UpgradeServer.StartAsync(server: options => options.Limits.KeepAliveTimeout = TimeSpan.FromMilliseconds(1));
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        using var kestrel = new Measurements<double>(server, "kestrel.connection.duration", "Microsoft.AspNetCore.Server.Kestrel");
        await using var connection = await server.ConnectAsync();
        Assert.Empty(await connection.ReadToEndAsync());
        Assert.Equal(["tls_upgrade.outcome=silent"], await connections.WaitForAsync(1));
        var tags = Assert.Single(await kestrel.WaitForAsync(1));
        Assert.Contains("error.type=keep_alive_timeout", tags);
        Assert.Contains("tls_upgrade.outcome=silent", tags);
    }

    [Fact]
    public async Task Connection_InClearText_IsPlaintext()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                await connection.SendAsync("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
                await connection.SendAsync(Last);
                await connection.ReadToEndAsync();
            },
            "tls_upgrade.outcome=plaintext");
    }

    [Theory]
    [InlineData(false, SslProtocols.Tls12, "1.2", "first_request")]
    [InlineData(false, SslProtocols.Tls13, "1.3", "first_request")]
    [InlineData(true, SslProtocols.Tls12, "1.2", "later_request")]
    [InlineData(true, SslProtocols.Tls13, "1.3", "later_request")]
    public async Task Connection_Upgraded_SaysWhereAndHow(bool later, SslProtocols versions, string version, string start)
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                await connection.SendAsync(Request());
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
                await connection.StartTlsAsync(versions: versions);
                Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
                await connection.SendAsync(Last);
                await connection.ReadToEndAsync();
            },
            $"tls.protocol.version={version} tls_upgrade.outcome=upgraded tls_upgrade.start={start}",
            later);
    }

    [Fact]
    public async Task Connection_OfDirectTls_IsThat()
    {
        await using var server = await UpgradeServer.StartAsync(options => options.DirectTls = DirectTlsMode.Any);
        await AssertAsync(
            server,
            async connection =>
            {
                await connection.StartTlsAsync(versions: SslProtocols.Tls13);
                await connection.SendAsync(Last);
                await connection.ReadToEndAsync();
            },
            "tls.protocol.version=1.3 tls_upgrade.outcome=direct_tls tls_upgrade.start=first_byte");
    }

    [Theory]
    [InlineData("h2_offered", "first_request", false)]
    [InlineData("h2_offered", "later_request", true)]
    [InlineData("unmarked_client", "first_request", false)]
    [InlineData("sni_mismatch", "first_request", false)]
    public async Task Connection_Refused_SaysWhy(string cause, string start, bool later)
    {
        await using var server = await UpgradeServer.StartAsync(
            options => options.AcceptedClients = cause is "unmarked_client" ? TlsUpgradeClientMode.AwareOnly : TlsUpgradeClientMode.Compatible);
        await AssertAsync(
            server,
            async connection =>
            {
                SslApplicationProtocol[]? alpn = cause is "h2_offered" ? [SslApplicationProtocol.Http2] : null;
                await connection.SendAsync(Request(token: HintedToken));
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
                await connection.StartTlsRefusedAsync(cause is "sni_mismatch" ? "a.test" : "localhost", alpn ?? []);
                await connection.ReadToEndAsync();
            },
            $"error.type={cause} tls_upgrade.outcome=refused tls_upgrade.start={start}",
            later,
            kestrelError: "tls_handshake_failed");
    }

    [Fact]
    public async Task Connection_OfDirectTlsWithoutHttp2_IsRefused()
    {
        await using var server = await UpgradeServer.StartAsync();
        await AssertAsync(
            server,
            async connection =>
            {
                await connection.StartTlsAsync(versions: SslProtocols.Tls13);
                await connection.SendAsync(Last);
                Assert.Contains("505", await connection.ReadToEndAsync());
            },
            "error.type=direct_http1 tls.protocol.version=1.3 tls_upgrade.outcome=refused tls_upgrade.start=first_byte");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Duration_IsFromTheOfferToTheEndOfTheHandshakeInSeconds(bool later)
    {
        var clock = new StandingClock();
        await using var server = await UpgradeServer.StartAsync(services: services => services.SetServerClock(clock));
        using var durations = new Measurements<double>(server, "tls_upgrade.server.upgrade.duration");
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        clock.Advance(TimeSpan.FromSeconds(7));
        await connection.SendAsync(Request());
        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        clock.Advance(TimeSpan.FromSeconds(2.5));
        await connection.StartTlsAsync();
        await connection.ReadResponseAsync();
        clock.Advance(TimeSpan.FromSeconds(11));
        await durations.WaitForAsync(1);
        Assert.Equal(2.5, Assert.Single(durations.All).Value);
    }

    /// <summary>Kestrel's own pipes do not throw there; those of a connection middleware in front may.</summary>
    [Theory]
    [InlineData(true, "silent")]
    [InlineData(false, "plaintext")]
    public async Task Connection_WhosePipesThrow_IsCountedOnce(bool reading, string outcome)
    {
        await using var server = await UpgradeServer.StartAsync(endpoint: endpoint => endpoint.Use(next => connection =>
        {
            var transport = connection.Transport;
            connection.Transport = new DuplexPipe(
                reading ? new BrokenPipeReader() : transport.Input, reading ? transport.Output : new BrokenPipeWriter());
            return next(connection);
        }));
        server.IsExpected = static line => line.Exception is InvalidDataException;
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        using var kestrel = new Measurements<double>(server, "kestrel.connection.duration", "Microsoft.AspNetCore.Server.Kestrel");
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request());
        var tags = Assert.Single(await kestrel.WaitForAsync(1));
        Assert.Contains("error.type=System.IO.InvalidDataException", tags);
        Assert.Contains($"tls_upgrade.outcome={outcome}", tags);
        Assert.Equal([$"tls_upgrade.outcome={outcome}"], await connections.WaitForAsync(1));
    }

    /// <summary>Kestrel's tags and ours stand together, each once, whichever phases a connection went through.</summary>
    private static async Task AssertAsync(
        UpgradeServer server, Func<RawConnection, Task> talk, string expected, bool later = false, string? kestrelError = null)
    {
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        using var durations = new Measurements<double>(server, "tls_upgrade.server.upgrade.duration");
        using var kestrel = new Measurements<double>(server, "kestrel.connection.duration", "Microsoft.AspNetCore.Server.Kestrel");
        await using (var connection = await server.ConnectAsync().AfterAsync(later))
        {
            await talk(connection);
        }

        Assert.Equal([expected], await connections.WaitForAsync(1));
        var tags = Assert.Single(await kestrel.WaitForAsync(1)).Split(' ');
        Assert.Equal(tags.Length, tags.Select(tag => tag.Split('=')[0]).Distinct().Count());
        Assert.Equal(
            expected.Split(' ').Select(tag => kestrelError is not null && tag.StartsWith("error.type=", StringComparison.Ordinal) ? $"error.type={kestrelError}" : tag),
            tags.Where(IsOurs));

        // Told before Kestrel's, which comes at the end of the connection.
        Assert.Single(connections.All);
        var isUpgrade = expected.Contains("_request", StringComparison.Ordinal);
        Assert.Equal(isUpgrade ? 1 : 0, durations.All.Count);
        Assert.All(durations.All, duration => Assert.InRange(duration.Value, double.Epsilon, RawConnection.Patience.TotalSeconds));
    }

    private static bool IsOurs(string tag) =>
        tag.StartsWith("tls_upgrade.", StringComparison.Ordinal)
        || tag.StartsWith("tls.protocol.version", StringComparison.Ordinal)
        || tag.StartsWith("error.type", StringComparison.Ordinal);

    private sealed class StandingClock : TimeProvider
    {
        private long _timestamp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _timestamp);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _timestamp, time.Ticks);
    }

    private sealed class BrokenPipeReader : PipeReader
    {
        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => throw new InvalidDataException();

        public override bool TryRead(out ReadResult result) => throw new InvalidDataException();

        public override void AdvanceTo(SequencePosition consumed)
        {
        }

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
        }

        public override void CancelPendingRead()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }

    private sealed class BrokenPipeWriter : PipeWriter
    {
        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => throw new InvalidDataException();

        public override Memory<byte> GetMemory(int sizeHint = 0) => new byte[Math.Max(sizeHint, 4096)];

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
        }

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }
    }
}
