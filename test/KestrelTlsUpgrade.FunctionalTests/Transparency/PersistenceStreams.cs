using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>How long a connection lasts, and what is answered on it in what order.</summary>
internal static class PersistenceStreams
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static readonly string[] Connections =
    [
        "close", "Close", "CLOSE", "keep-alive", "Keep-Alive", "keep-alive, close", "close, keep-alive", "", ",", ",,close,,",
        "x-unknown", "close;q=1", "clo se", "\"close\"", "TE", "Host", "upgrade", "Upgrade, close", "Upgrade, keep-alive",
        "upgrade, HTTP2-Settings",
    ];

    public static IEnumerable<RequestStream> All =>
    [
        new("nothing to say", ""),
        new("left open", Get),
        new("left open after two", Get + Get),
        .. Connections.Select(value => new RequestStream(
            $"connection [{value}]", Request("GET /x HTTP/1.1", $"Connection: {value}\r\n") + End)),
        new("connection on two lines", Request("GET /x HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n") + Get),
        new("HTTP/1.0", Request("GET /x HTTP/1.0") + End),
        new("HTTP/1.0 without Host", "GET /x HTTP/1.0\r\n\r\n" + End),
        new("HTTP/1.0 keep-alive", Request("GET /x HTTP/1.0", "Connection: keep-alive\r\n") + End),
        new("HTTP/1.0 keep-alive left open", Request("GET /x HTTP/1.0", "Connection: keep-alive\r\n")),
        new("HTTP/1.0 close", Request("GET /x HTTP/1.0", "Connection: close\r\n") + End),
        new("HTTP/1.0 with content", Request("POST /x HTTP/1.0", "Content-Length: 5\r\n", "hello") + End),
        new("HTTP/1.0 with content of no length", Request("POST /x HTTP/1.0", "", "hello")),
        new("HTTP/1.0 chunked", Request("POST /x HTTP/1.0", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + End),
        new("HTTP/1.0 HEAD", Request("HEAD /x HTTP/1.0")),
        new("HTTP/1.0 streamed answer", Request("GET /flush HTTP/1.0", "Connection: keep-alive\r\n") + End),
        new("streamed answer", Request("GET /flush HTTP/1.1") + End),
        new("streamed answer to HEAD", Request("HEAD /flush HTTP/1.1") + End),
        new("failing application", Request("GET /fail HTTP/1.1") + End),
        new("failing application, HTTP/1.0", Request("GET /fail HTTP/1.0")),
        new("aborting application", Request("GET /abort HTTP/1.1")),
        new("pipeline of two", Get + End),
        new("pipeline of a hundred", string.Concat(Enumerable.Range(0, 100).Select(i => Request($"GET /{i} HTTP/1.1"))) + End),
        new("pipeline of a hundred with content", string.Concat(Enumerable.Range(0, 100).Select(i =>
            Request($"POST /{i} HTTP/1.1", $"Content-Length: {i}\r\n", new string('c', i)))) + End),
        new("pipeline of a hundred in chunks", string.Concat(Enumerable.Range(0, 100).Select(i =>
            Request($"POST /{i} HTTP/1.1", "Transfer-Encoding: chunked\r\n", $"1\r\n{i % 10}\r\n0\r\n\r\n"))) + End),
        new("pipeline of a thousand", string.Concat(Enumerable.Repeat("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", 1000)) + End),
        new("pipeline with errors of the application", Get + Request("GET /fail HTTP/1.1") + Get + End),
        new("pipeline with a bad second request", Get + "GET\r\n\r\n" + End),
        new("pipeline with a bad second field", Get + Request("GET /x HTTP/1.1", "bad field\r\n") + End),
        new("pipeline with a second request without Host", Get + "GET /x HTTP/1.1\r\n\r\n" + End),
        new("pipeline with garbage behind", Get + "\u0000\u0001\u0002garbage"),
        new("pipeline with TLS behind", Get + "\u0016\u0003\u0001\u0000\u0005hello"),
        new("pipeline of versions", Get + Request("GET /x HTTP/1.0", "Connection: keep-alive\r\n") + Get + End),
        new("requests behind the last one", End + Get + Get),
        new("garbage behind the last one", End + "garbage"),
        new("a stray CRLF behind content", Request("POST /x HTTP/1.1", "Content-Length: 5\r\n", "hello\r\n") + End),
    ];
}
