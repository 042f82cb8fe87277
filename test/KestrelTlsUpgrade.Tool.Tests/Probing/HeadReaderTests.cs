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
}
