using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Header fields: syntax, line ends, octets that do not belong there.</summary>
internal static class FieldStreams
{
    private static readonly string[] Lines =
    [
        "X: y", "X:y", "X:", "X: ", "X:\ty\t", "X:    y    ", "X: a b  c", "X: a:b:c", "x: 1\r\nX: 2", "X: 1\r\nY: 2\r\nX: 3",
        "X :y", "X\t:y", " X: y", "\tX: y", "X", "X y", ":", ": y", " : y", ":authority: a", "X: y\r\n folded",
        "X: y\r\n\tfolded", "X: y\r\n ", "X: a\nY: b", "X: a\rY: b", "X: a\r", "X: a\n", "X\n: a", "X\r: a", "\rX: a", "\nX: a",
        "X: a\r\r", "X: a\n\r", "\n", "\r", "X: a\u0000b", "X\u0000: a", "\u0000: a", "\u0000", "X: \u0001", "X: \u001b",
        "X: \u007f", "X: \u0080", "X: é", "X: \u00c3\u00a9", "X: \u00ff\u00fe", "É: a", "X\u00ff: a", "\u00c3\u00a9: a",
        "X\u0001: a", "X\u007f: a", "X(: a", "X): a", "X/: a", "X@: a", "X[: a", "\"X\": a", "X;: a", "X=: a", "X,: a", "X{: a",
        "<X>: a", "X\\: a", "!#$%&'*+-.^_`|~: a", "0: a", "Cookie: a=b; c=d\r\nCookie: e=f", "Accept: */*",
        "Accept-Encoding: gzip, br", "Authorization: Basic YTpi", "Range: bytes=0-1",
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT", "TE: trailers", "Trailer: X", "Keep-Alive: timeout=1",
        "Proxy-Connection: close", "X-HTTP-Method-Override: DELETE", "Max-Forwards: 0", "Origin: null", "Pragma: no-cache",
        "Via: 1.1 a", "Forwarded: for=1.2.3.4;proto=https", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https",
        "HTTP2-Settings: AAMAAABkAAQAAP__", "Upgrade-Insecure-Requests: 1", "Alt-Used: a.test",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Content-Type: text/plain", "Content-Encoding: gzip",
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. Lines.Select(line => new RequestStream($"field [{line}]", Request("GET /x HTTP/1.1", $"{line}\r\n") + End)),
        .. Lines.Select(line => new RequestStream(
            $"first field [{line}]", $"GET /x HTTP/1.1\r\n{line}\r\nHost: localhost\r\n\r\n" + End)),
        new("head ends with two LF", "GET /x HTTP/1.1\r\nHost: localhost\n\n" + End),
        new("head ends with LF CRLF", "GET /x HTTP/1.1\r\nHost: localhost\n\r\n" + End),
        new("head ends with CRLF LF", "GET /x HTTP/1.1\r\nHost: localhost\r\n\n" + End),
        new("head ends with CRLF CR", "GET /x HTTP/1.1\r\nHost: localhost\r\n\r" + End),
        new("head ends with two CR", "GET /x HTTP/1.1\r\nHost: localhost\r\r" + End),
        new("head ends with CR CRLF", "GET /x HTTP/1.1\r\nHost: localhost\r\r\n\r\n" + End),
        new("lines of LF only", "GET /x HTTP/1.1\nHost: localhost\nX: y\n\n" + End),
        new("lines of CR only", "GET /x HTTP/1.1\rHost: localhost\rX: y\r\r" + End),
        new("unusual names in any case", Request("GET /x HTTP/1.1", "cONNECTION: KEEP-alive\r\nuPGRADE: X\r\n") + End),
    ];
}
