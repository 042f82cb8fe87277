using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Conformance;

/// <summary>
/// Requirements S-71 to S-81: message framing next to an upgrade. What Kestrel makes of each message is its own business; it is
/// never switched.
/// </summary>
public sealed class FramingTests
{
    [Theory]
    [InlineData("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "S-71")]
    [InlineData("Transfer-Encoding: gzip\r\n", "S-72")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n", "S-72")]
    [InlineData("Transfer-Encoding: xchunked\r\n", "A-14")]
    [InlineData("Transfer-Encoding:\u000bchunked\r\n", "A-14")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "A-14")]
    [InlineData("Content-Length: +5\r\n", "S-73")]
    [InlineData("Content-Length: -1\r\n", "S-73")]
    [InlineData("Content-Length: 5,6\r\n", "S-73")]
    [InlineData("Content-Length: 0x5\r\n", "S-73")]
    [InlineData("Content-Length: 5 5\r\n", "S-73")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n", "S-73")]
    [InlineData("Content-Length : 5\r\n", "S-75")]
    [InlineData("X: a\rb\r\n", "S-77")]
    [InlineData("X: a\0b\r\n", "S-77")]
    [InlineData("X : a\r\n", "S-75")]
    [InlineData(": a\r\n", "empty name")]
    [InlineData("X: a\r\n b\r\n", "S-76")]
    public async Task S71_S72_S73_S75_S76_S77_A14_FaultyField_NeverSwitched(string field, string row)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(Request(fields: field) + "0\r\n\r\n");
            Assert.True((await connection.ReadResponseAsync()).Status != 101, row);
        }
    }

    [Theory]
    [InlineData("Upgrade : TLS/1.2\r\nConnection: Upgrade\r\n", "S-75")]
    [InlineData("Upgrade: foo,\r\n TLS/1.2\r\nConnection: Upgrade\r\n", "S-76")]
    [InlineData("Upgrade: TLS/1.2\r\nConnection:\r\n Upgrade\r\n", "S-76")]
    [InlineData(" Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n", "S-78")]
    public async Task S75_S76_S78_OfferInFaultyLine_Refused(string fields, string row)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync($"GET /x HTTP/1.1\r\n{fields}Host: localhost\r\n\r\n");
            Assert.True((await connection.ReadToEndAsync()).StartsWith("HTTP/1.1 400", StringComparison.Ordinal), row);
        }
    }

    [Fact]
    public async Task S74_Http10WithTransferEncoding_ClosedNotSwitched()
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(
            "GET /x HTTP/1.0\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
        Assert.DoesNotContain(" 101 ", await connection.ReadToEndAsync());
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\r\n\r\n")]
    public async Task S77_EmptyLinesBeforeRequest_Switched(string lines)
    {
        await using var server = await UpgradeServer.StartAsync();
        foreach (var later in new[] { false, true })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.UpgradeAsync(lines + Request());
            Assert.Equal(200, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S77_BareLineFeeds_OneOpinionOnTheHead(bool later)
    {
        // Kestrel takes a bare line feed for a line's end, so the head is one request to everybody.
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        await connection.UpgradeAsync(Request().Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.StartsWith("GET /x", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /y HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.StartsWith("GET /y", (await connection.ReadResponseAsync()).Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S79_DeclinedWithUnreadContent_ContentIsNoRequest(bool later)
    {
        await using var server = await UpgradeServer.StartAsync();
        await using var connection = await server.ConnectAsync().AfterAsync(later);
        const string content = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
        await connection.SendAsync(Request("POST", fields: $"Content-Length: {content.Length}\r\n") + content);
        Assert.StartsWith("POST /x", (await connection.ReadResponseAsync()).Content);
        await connection.SendAsync("GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        var rest = await connection.ReadToEndAsync();
        Assert.Contains("GET /next", rest);
        Assert.DoesNotContain("smuggled", rest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task HeadBeyondKestrelsLimits_RefusedNotSwitched(bool later)
    {
        await using var server = await UpgradeServer.StartAsync(server: options =>
        {
            options.Limits.MaxRequestLineSize = 100;
            options.Limits.MaxRequestHeadersTotalSize = 300;
            options.Limits.MaxRequestHeaderCount = 6;
        });
        foreach (var (request, status) in new[]
        {
            (Request(target: "/" + new string('a', 100)), 414),
            (Request(fields: $"X: {new string('a', 300)}\r\n"), 431),
            (Request(fields: "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n"), 431),
            (Request(fields: "A: 1\r\nB: 2\r\nC: 3\r\n"), 101),
        })
        {
            await using var connection = await server.ConnectAsync().AfterAsync(later);
            await connection.SendAsync(request);
            Assert.Equal(status, (await connection.ReadResponseAsync()).Status);
        }
    }

    [Fact]
    public async Task HeadThatWouldGrowBeyondTheLimit_AnsweredInClearText()
    {
        // Kestrel reads each of these lines, but with a carriage return they exceed what it takes.
        var fields = string.Concat(Enumerable.Range(10, 80).Select(i => $"X{i}:nnnn\n"));
        await using var server = await UpgradeServer.StartAsync(server: options => options.Limits.MaxRequestHeadersTotalSize = 790);
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync($"GET /x HTTP/1.1\nHost:a\nUpgrade:TLS/1.2\nConnection:Upgrade\n{fields}\n");
        Assert.Contains("state=Plaintext", (await connection.ReadResponseAsync()).Content);
    }
}
