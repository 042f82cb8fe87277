using System.Text;
using KestrelTlsUpgrade.Client.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.ResponseHead;

namespace KestrelTlsUpgrade.Client.Tests.Negotiation;

public sealed class AnswerHeadTests
{
    private static AnswerHead? Parse(string text)
    {
        var progress = default(HeadProgress);
        var judgement = ResponseHeadReader.Judge(Encoding.Latin1.GetBytes(text), 16 * 1024, ref progress, out var head);
        return judgement is HeadJudgement.Complete ? AnswerHead.Of(head) : null;
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", 200, "OK")]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n", 404, "Not Found")]
    [InlineData("HTTP/1.1 501\r\n\r\n", 501, "")]
    [InlineData("HTTP/1.9 999 x\r\n\r\n", 999, "x")]
    public void Parse_StatusLine_IsRead(string head, int status, string reason)
    {
        var answer = Parse(head)!;
        Assert.Equal(status, answer.Status);
        Assert.Equal(reason, answer.Reason);
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/1.1 20\r\n\r\n")]
    [InlineData("HTTP/1.1 2000\r\n\r\n")]
    [InlineData("HTTP/1.1 -20 x\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.x 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\nK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA B: x\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n")]
    public void Parse_Malformed_IsNothing(string head) => Assert.Null(Parse(head));

    [Theory]
    [InlineData("Content-Length: 0\r\n", AnswerHead.Framing.None, 0)]
    [InlineData("Content-Length: 7\r\n", AnswerHead.Framing.Length, 7)]
    [InlineData("Content-Length: 7\r\nContent-Length: 7\r\n", AnswerHead.Framing.Length, 7)]
    [InlineData("Transfer-Encoding: chunked\r\n", AnswerHead.Framing.Chunked, 0)]
    [InlineData("transfer-encoding: CHUNKED\r\n", AnswerHead.Framing.Chunked, 0)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", AnswerHead.Framing.UntilClose, 0)]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n", AnswerHead.Framing.UntilClose, 0)]
    [InlineData("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", AnswerHead.Framing.UntilClose, 0)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", AnswerHead.Framing.UntilClose, 0)]
    [InlineData("", AnswerHead.Framing.UntilClose, 0)]
    public void Parse_Framing_IsRead(string fields, object content, long length)
    {
        var answer = Parse($"HTTP/1.1 200 OK\r\n{fields}\r\n")!;
        Assert.Equal(content, answer.Content);
        Assert.Equal(length, answer.ContentLength);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(103)]
    [InlineData(204)]
    [InlineData(304)]
    public void Parse_StatusWithoutContent_HasNone(int status) =>
        Assert.Equal(AnswerHead.Framing.None, Parse($"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n")!.Content);

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", true)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: x, Close\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n", false)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false)]
    public void Parse_Persistence_IsRead(string head, bool isPersistent) => Assert.Equal(isPersistent, Parse(head)!.IsPersistent);

    [Theory]
    [InlineData("Upgrade: HTTP/1.1, TLS/1.2, TLS/1.3\r\n", "TLS/1.2")]
    [InlineData("Upgrade: ,, tls \r\n", "tls")]
    [InlineData("Upgrade: TLSX, XTLS/1.2, TLS/2.0\r\n", null)]
    [InlineData("Upgrade: \u00a0TLS/1.2, TLS/1.2\u0085\r\n", null)]
    [InlineData("X-Upgrade: TLS/1.2\r\n", null)]
    public void Parse_Token_IsTheFirstOfTls(string fields, string? token) =>
        Assert.Equal(token, Parse($"HTTP/1.1 101 X\r\n{fields}\r\n")!.TlsToken);
}
