using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Logging;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Faults;

/// <summary>Clients that vanish at any byte, say nothing, or never finish a sentence.</summary>
public sealed class VanishingClientTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientVanishesAtAnyByte_ConnectionEndsAndCountersReturnToZero(bool reset)
    {
        using var counters = new KestrelCounters();
        await using var server = await UpgradeServer.StartAsync(
            options => options.Https.HandshakeTimeout = TimeSpan.FromSeconds(2), services: counters.Observe);
        var exchange = Request() + HelloText.OfTls12(0xC0, 0x2B);
        await Parallel.ForAsync(0, exchange.Length + 1, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (length, _) =>
        {
            await using var connection = await server.ConnectAsync();
            await connection.SendAsync(exchange[..length]);
            if (reset)
            {
                connection.Reset();
            }
            else
            {
                connection.Shutdown();
                await connection.ReadToEndAsync();
            }
        });
        await counters.AllEndedAsync();
        Assert.DoesNotContain(server.Log.Lines, line => line.Level > LogLevel.Information && !line.Message.Contains("heartbeat"));
    }

    [Fact]
    public async Task HandshakeFails_OneDebugLine()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(Request() + "this is not TLS at all");
        await connection.ReadToEndAsync();
        await server.Log.WaitForAsync(line => line.Id.Name == "ConnectionStop");
        var line = Assert.Single(server.Log.Lines, line => line.Category.Contains("Https") || line.Category.Contains("SecuredConnection"));
        Assert.Equal(LogLevel.Debug, line.Level);
        Assert.Equal("AuthenticationFailed", line.Id.Name);
    }

    /// <summary>Only the limit that is meant to end the connection is short: the others are longer than the test's patience.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("G", false)]
    [InlineData("GET / HTTP/1.1\r\nHo", false)]
    public async Task ClientStopsTalking_EndsLikeKestrelAlone(string beginning, bool quietly)
    {
        await using var server = await UpgradeServer.StartAsync(server: options =>
        {
            options.Limits.KeepAliveTimeout = quietly ? TimeSpan.FromSeconds(1) : TimeSpan.FromHours(1);
            options.Limits.RequestHeadersTimeout = quietly ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(1);
        });
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(beginning);
        var answer = await connection.ReadToEndAsync();
        Assert.Equal(quietly ? "" : "HTTP/1.1 408 Request Timeout", answer.Split("\r\n")[0]);
    }

    [Theory]
    [InlineData("\u0016")]
    [InlineData("\u0016\u0003\u0001")]
    public async Task ClientStopsTalkingInItsHello_EndsWithTheHandshakeTimeout(string beginning)
    {
        await using var server = await UpgradeServer.StartAsync(
            upgrade: options => options.Https.HandshakeTimeout = TimeSpan.FromMilliseconds(200),
            server: options => options.Limits.KeepAliveTimeout = options.Limits.RequestHeadersTimeout = TimeSpan.FromHours(1));
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(beginning);
        Assert.Empty(await connection.ReadToEndAsync());
    }

    /// <summary>One lost segment is enough for that.</summary>
    [Fact]
    public async Task HelloAfterItsFirstByteIsLate_IsServed()
    {
        using var probe = new ConnectionProbe();
        await using var server = await UpgradeServer.StartAsync(endpoint: probe.Attach);
        await using var connection = await server.ConnectAsync();
        var hello = HelloText.OfTls12(0xC0, 0x2B, 0xC0, 0x2F);
        await connection.SendAsync(hello[..1]);
        for (var beat = 0; beat < 4; beat++)
        {
            await probe.HeartbeatAsync();
        }

        await connection.SendAsync(hello[1..]);
        Assert.Equal(0x16, (await connection.ReadAsync(1))[0]);
    }

    [Fact]
    public async Task ClientSendsOneByteAtATime_IsServed()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        foreach (var character in Request())
        {
            await connection.SendAsync(character.ToString());
        }

        Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
        await connection.StartTlsAsync();
        Assert.Contains("GET /x scheme=https", (await connection.ReadResponseAsync()).Content);
    }
}
