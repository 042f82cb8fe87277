using System.Text;
using KestrelTlsUpgrade.Internal.ResponseHead;
using KestrelTlsUpgrade.Tool.Probing;

namespace KestrelTlsUpgrade.Tool.Tests.Probing;

public sealed class ResponseHeadTests
{
    private static ResponseHead? Parse(string text)
    {
        var progress = default(HeadProgress);
        var judgement = ResponseHeadReader.Judge(Encoding.Latin1.GetBytes(text), HeadReader.MaxHeadSize, ref progress, out var head);
        return judgement is HeadJudgement.Complete ? new ResponseHead(head) : null;
    }

    [Fact]
    public void TryParse_Head_HasItsParts()
    {
        var head = Parse("HTTP/1.1 101 Switching Protocols\r\nupgrade: TLS/1.3 ,, HTTP/1.1\r\nConnection: keep-alive\r\nUPGRADE:h2c\r\nConnection: Upgrade\r\nServer:\tx y \r\n\r\n")!;
        Assert.Equal((101, "Switching Protocols"), (head.Status, head.Reason));
        Assert.Equal(["TLS/1.3", "HTTP/1.1", "h2c"], head.Upgrade);
        Assert.Equal("x y", head.Server);
        Assert.True(head.ConnectionHasUpgrade);
        Assert.False(head.ConnectionHasClose);
        Assert.False(head.IsInterim);
    }

    [Theory]
    [InlineData("HTTP/1.1 200\r\n\r\n", "")]
    [InlineData("HTTP/1.1 200 \r\n\r\n", "")]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", "OK")]
    public void TryParse_StatusLine_WithAndWithoutReason(string text, string reason)
    {
        var head = Parse(text)!;
        Assert.Equal((200, reason), (head.Status, head.Reason));
        Assert.Null(head.Server);
        Assert.Empty(head.Upgrade);
    }

    [Theory]
    [InlineData("Connection: close\r\n", true)]
    [InlineData("Connection: keep-alive, Close\r\n", true)]
    [InlineData("Connection: closed\r\n", false)]
    public void ConnectionHasClose_IsAnOption(string field, bool expected) =>
        Assert.Equal(expected, Parse($"HTTP/1.1 200 OK\r\n{field}\r\n")!.ConnectionHasClose);

    [Theory]
    [InlineData("Content-Length: 0\r\n", true)]
    [InlineData("Content-Length: 0\r\nContent-Length: 0\r\n", true)]
    [InlineData("Content-Length: 0\r\nContent-Length: 5\r\n", false)]
    [InlineData("Content-Length: 00\r\n", false)]
    [InlineData("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", false)]
    [InlineData("", false)]
    public void HasNoContent_OnlyIfTheHeadSaysSo(string fields, bool expected) =>
        Assert.Equal(expected, Parse($"HTTP/1.1 200 OK\r\n{fields}\r\n")!.HasNoContent);

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(199, true)]
    [InlineData(200, false)]
    public void IsInterim_1xxBut101(int status, bool expected) => Assert.Equal(expected, Parse($"HTTP/1.1 {status} x\r\n\r\n")!.IsInterim);

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.x 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 +20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nServer: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nServer\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nServer : x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n Server: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\r\n y\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\ry\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\x1by\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\x7fy\r\n\r\n")]
    public void TryParse_AnythingElse_IsNone(string text) => Assert.Null(Parse(text));
}
