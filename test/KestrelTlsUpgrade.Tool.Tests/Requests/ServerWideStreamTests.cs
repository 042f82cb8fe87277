using System.Text;
using KestrelTlsUpgrade.Tool.Requests;

namespace KestrelTlsUpgrade.Tool.Tests.Requests;

public sealed class ServerWideStreamTests
{
    [Theory]
    [InlineData("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("OPTIONS http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS http://a:80 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\n\r\n", null)]
    [InlineData("OPTIONS /x HTTP/1.1\r\n\r\n", null)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", null)]
    [InlineData("CONNECT a:80 HTTP/1.1\r\n\r\n", null)]
    [InlineData("OPTIONS  HTTP/1.1\r\n\r\n", null)]
    [InlineData("", null)]
    public void Rewrite_StartOfARequest_AnotherTarget(string bytes, string? expected)
    {
        var rewritten = ServerWideStream.Rewrite(Encoding.ASCII.GetBytes(bytes));
        Assert.Equal(expected, rewritten is null ? null : Encoding.ASCII.GetString(rewritten));
    }
}
