using System.Text;
using KestrelTlsUpgrade.Tool.Requests.Tracing;

namespace KestrelTlsUpgrade.Tool.Tests.Requests.Tracing;

public sealed class MessageTraceTests : IDisposable
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly MessageTrace _trace;

    public MessageTraceTests() => _trace = new MessageTrace(new ExchangeTrace(_output));

    public void Dispose() => _output.Dispose();

    private void Send(string text) => _trace.Sending(Encoding.Latin1.GetBytes(text));

    private void Receive(string text) => _trace.Received(Encoding.Latin1.GetBytes(text));

    [Fact]
    public void Pass_Exchanges_HeadsAreShownAndContentIsCounted()
    {
        Send("POST / HTTP/1.1\r\nHost: a\r\n\r\nabc");
        Receive("HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello");
        Receive("more");
        Send("GET / HTTP/1.1\r\n\r\n");
        Receive("HTTP/1.1 204 No Content\r\n\r\n");
        Assert.Equal(
            "> POST / HTTP/1.1\n> Host: a\n>\n> [3 bytes of content]\n< HTTP/1.1 200 OK\n< X: y\n<\n< [5 bytes of content]\n< [4 bytes of content]\n"
            + "> GET / HTTP/1.1\n>\n< HTTP/1.1 204 No Content\n<\n",
            _output.ToString());
    }

    [Fact]
    public void Pass_CutAnywhere_TheSameHeads()
    {
        foreach (var character in "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        {
            Send($"{character}");
        }

        foreach (var character in "HTTP/1.1 204 x\r\n\r\n")
        {
            Receive($"{character}");
        }

        Assert.Equal("> GET / HTTP/1.1\n> Host: a\n>\n< HTTP/1.1 204 x\n<\n", _output.ToString());
    }

    [Fact]
    public void Pass_TlsAfterThe101_IsNotShown()
    {
        Send("OPTIONS * HTTP/1.1\r\n\r\n");
        Receive("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        Send("\x16\x03\x01GET / HTTP/1.1\r\n\r\n");
        Receive("\x16\x03\x03HTTP/1.1 200 OK\r\n\r\n");
        Send("\x17");
        Assert.Equal("> OPTIONS * HTTP/1.1\n>\n< HTTP/1.1 101 Switching Protocols\n<\n* TLS begins\n", _output.ToString());
    }

    [Fact]
    public void Pass_InterimResponse_ContentFollowsAndAnotherHead()
    {
        Send("POST / HTTP/1.1\r\nExpect: 100-continue\r\n\r\n");
        Receive("HTTP/1.1 100 Continue\r\n\r\n");
        Send("GET / HTTP/1.1\r\n\r\n");
        Receive("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
        Assert.Equal(
            "> POST / HTTP/1.1\n> Expect: 100-continue\n>\n< HTTP/1.1 100 Continue\n<\n> [18 bytes of content]\n"
            + "< HTTP/1.1 103 Early Hints\n<\n< HTTP/1.1 200 OK\n<\n",
            _output.ToString());
    }

    [Fact]
    public void Pass_ControlCharactersAndBinary_DoNotReachTheTerminal()
    {
        Send("\x05\x01\0");
        Receive("HTTP/1.1 200 \x1b[31m\r\n\r\n");
        Assert.Equal("> [3 bytes of content]\n< HTTP/1.1 200 \\u001b[31m\n<\n", _output.ToString());
    }
}
