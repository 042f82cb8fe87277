using System.Net.Security;
using KestrelTlsUpgrade.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Observation;

/// <summary>What a caller writes into the log by handshakes that fail, in every way.</summary>
public sealed class HostileLogTests
{
    [Theory]
    [InlineData("first_request", 3)]
    [InlineData("first_byte", 6)]
    public async Task Handshakes_FailInEveryWay_TenLinesAMinute(string start, int rounds)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await UpgradeServer.StartAsync(services: services => services.SetServerClock(time));
        using var connections = new Measurements<long>(server, "tls_upgrade.server.connections");
        Func<RawConnection, Task>[] kinds =
        [
            static connection => EndAsync(connection, Convert.FromHexString("160303000402000000")),
            static connection => EndAsync(connection, Convert.FromHexString("15030300020250")),
            static connection => AnswerAsync(connection, "1503030002 0230"),
            static connection => AnswerAsync(connection, "1703030002 0000"),
            static connection => AnswerAsync(connection, ""),
            static async connection =>
            {
                await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2B));
                await connection.ReadAsync(5);
                connection.Reset();
            },
            static connection => EndAsync(connection, HelloText.OfTls12(0xC0, 0x01)),
            static connection => EndAsync(connection, HelloText.OfTls11),
            static connection => connection.StartTlsRefusedAsync("localhost", SslApplicationProtocol.Http2),
            static connection => EndAsync(connection, "GET /x HTTP/1.1\r\n\r\n"),
        ];
        if (start is "first_byte")
        {
            // Served, or not TLS. Of the others, those without a version or cipher suite in common are logged.
            kinds = [kinds[0], .. kinds[2..8]];
        }

        foreach (var kind in Enumerable.Repeat(kinds, rounds).SelectMany(static kinds => kinds))
        {
            await using var connection = await server.ConnectAsync();
            if (start is "first_request")
            {
                await connection.SendAsync(Request());
                Assert.Equal(101, (await connection.ReadResponseAsync()).Status);
            }

            await kind(connection);
        }

        var count = kinds.Length * rounds;
        var tags = await connections.WaitForAsync(count);
        Assert.All(tags, tags => Assert.Contains($"tls_upgrade.start={start}", tags));
        time.Advance(TimeSpan.FromMinutes(1));
        await server.Log.WaitForAsync(static line => line.Id.Name is "LinesLeftOut");
        var lines = server.Log.Lines.Where(static line =>
            line.Level >= LogLevel.Information
            && (line.Category.StartsWith("KestrelTlsUpgrade", StringComparison.Ordinal)
                || line.Category.StartsWith("Microsoft.AspNetCore.Server.Kestrel", StringComparison.Ordinal))).ToArray();
        Assert.All(lines, static line => Assert.Equal(LogLevel.Information, line.Level));
        Assert.Equal(10, lines.Count(static line => line.Id.Name is not "LinesLeftOut"));
    }

    /// <summary>Answers the server's flight, after a ClientHello that is right.</summary>
    private static async Task AnswerAsync(RawConnection connection, string hex)
    {
        await connection.SendAsync(HelloText.OfTls12(0xC0, 0x2B));
        await connection.ReadAsync(5);
        await EndAsync(connection, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
    }

    private static Task EndAsync(RawConnection connection, string text) => EndAsync(connection, System.Text.Encoding.Latin1.GetBytes(text));

    private static async Task EndAsync(RawConnection connection, byte[] bytes)
    {
        try
        {
            await connection.SendAsync(bytes);
            connection.Shutdown();
            await connection.ReadToEndAsync();
        }
        catch (IOException)
        {
            // The server has reset it.
        }
    }
}
