using System.Text;
using KestrelTlsUpgrade.Tool.Probing;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

public sealed class HeadReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Gives its bytes in pieces of a size.</summary>
    private sealed class PieceStream(string text, int size) : MemoryStream(Encoding.Latin1.GetBytes(text))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }

    [Fact]
    public async Task ReadAsync_CutAnywhere_TheSameHeads()
    {
        const string Text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nServer: a\r\n\r\nHTTP/1.1 404 Not Found\r\n\r\nrest";
        for (var size = 1; size <= Text.Length; size++)
        {
            var reader = new HeadReader(new PieceStream(Text, size));
            Assert.Equal((200, "a"), await reader.ReadAsync(Token) is var head ? (head.Status, head.Server) : default);
            Assert.Equal(404, (await reader.ReadAnyAsync(Token))!.Status);
            await Assert.ThrowsAsync<ProbeException>(() => reader.ReadAnyAsync(Token));
            Assert.False(reader.IsAnotherBuffered);
        }
    }

    [Fact]
    public async Task ReadAnyAsync_End_IsNone()
    {
        var reader = new HeadReader(new PieceStream("HTTP/1.1 200 OK\r\n\r\n", 5));
        Assert.NotNull(await reader.ReadAnyAsync(Token));
        Assert.Null(await reader.ReadAnyAsync(Token));
    }

    [Fact]
    public async Task ReadAsync_End_SaysSo() => Assert.Contains(
        "without an answer", (await Assert.ThrowsAsync<ProbeException>(() => new HeadReader(Stream.Null).ReadAsync(Token))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("H", "ended within the head")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: a\r\n", "ended within the head")]
    [InlineData("HTTP/2", "not HTTP/1.1")]
    [InlineData("\x16\x03\x01", "not HTTP/1.1")]
    [InlineData("HTTP/1.1 abc\r\n\r\n", "not HTTP/1.1")]
    public async Task ReadAsync_NoHead_SaysSo(string text, string says) => Assert.Contains(
        says, (await Assert.ThrowsAsync<ProbeException>(() => new HeadReader(new PieceStream(text, 1)).ReadAsync(Token))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task ReadAsync_Size_UpToTheLimit(int more, bool isRead)
    {
        const string Start = "HTTP/1.1 200 OK\r\nX: ";
        var text = Start + new string('x', HeadReader.MaxHeadSize - Start.Length - 4 + more) + "\r\n\r\n";
        var reading = new HeadReader(new PieceStream(text, 1000)).ReadAsync(Token);
        if (isRead)
        {
            Assert.Equal(200, (await reading).Status);
        }
        else
        {
            Assert.Contains("longer than", (await Assert.ThrowsAsync<ProbeException>(() => reading)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(HeadReader.MaxInterimResponses, true)]
    [InlineData(HeadReader.MaxInterimResponses + 1, false)]
    public async Task ReadAsync_InterimResponses_UpToTheLimit(int count, bool isRead)
    {
        var text = string.Concat(Enumerable.Repeat("HTTP/1.1 103 x\r\n\r\n", count)) + "HTTP/1.1 200 OK\r\n\r\n";
        var reading = new HeadReader(new PieceStream(text, 100)).ReadAsync(Token);
        if (isRead)
        {
            Assert.Equal(200, (await reading).Status);
        }
        else
        {
            await Assert.ThrowsAsync<ProbeException>(() => reading);
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n5;x\r\nHTTP/\r\n0\r\nX: y\r\n\r\n")]
    public async Task SkipContentAsync_CutAnywhere_TheNextHeadFollows(string first)
    {
        var text = first + "HTTP/1.1 404 Not Found\r\n\r\n";
        for (var size = 1; size <= text.Length; size++)
        {
            var reader = new HeadReader(new PieceStream(text, size));
            await reader.SkipContentAsync((await reader.ReadAnyAsync(Token))!, Token);
            Assert.Equal(404, (await reader.ReadAnyAsync(Token))!.Status);
        }
    }

    [Theory]
    [InlineData("\r\n", "only the end of the connection")]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345", "only the end of the connection")]
    [InlineData("Content-Length: -1\r\n\r\n", "only the end of the connection")]
    [InlineData("Transfer-Encoding: chunked, gzip\r\n\r\n", "only the end of the connection")]
    [InlineData("Content-Length: 5\r\n\r\n1234", "ended within the content")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\n1234", "ended within the content")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nx\r\n", "malformed")]
    [InlineData("Content-Length: 1048577\r\n\r\n", "longer than 1048576 bytes")]
    public async Task SkipContentAsync_NoEndInSight_SaysSo(string rest, string says)
    {
        var reader = new HeadReader(new PieceStream($"HTTP/1.1 200 OK\r\n{rest}", 7));
        var head = (await reader.ReadAnyAsync(Token))!;
        Assert.Contains(says, (await Assert.ThrowsAsync<ProbeException>(() => reader.SkipContentAsync(head, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SkipContentAsync_EndlessChunks_AreNotRead()
    {
        var reader = new HeadReader(new PieceStream(
            $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n{new string('x', HeadReader.MaxContentSize)}", 65536));
        var head = (await reader.ReadAnyAsync(Token))!;
        Assert.Contains("longer than", (await Assert.ThrowsAsync<ProbeException>(() => reader.SkipContentAsync(head, Token))).Message, StringComparison.Ordinal);
    }
}
