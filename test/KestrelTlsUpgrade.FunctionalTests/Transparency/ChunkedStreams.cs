using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Content in chunks, well formed and not, and with a length besides.</summary>
internal static class ChunkedStreams
{
    private static readonly (string Name, string Content)[] Contents =
    [
        ("empty", "0\r\n\r\n"),
        ("one", "5\r\nhello\r\n0\r\n\r\n"),
        ("many", string.Concat(Enumerable.Range(1, 300).Select(i => $"{i:x}\r\n{new string('c', i)}\r\n")) + "0\r\n\r\n"),
        ("large", $"30000\r\n{new string('c', 0x30000)}\r\n0\r\n\r\n"),
        ("beyond the limit", $"50000\r\n{new string('c', 0x50000)}\r\n0\r\n\r\n"),
        ("leading zeros", "00005\r\nhello\r\n000\r\n\r\n"),
        ("upper case size", "A\r\n0123456789\r\n0\r\n\r\n"),
        ("extension", "5;name=value\r\nhello\r\n0;last\r\n\r\n"),
        ("quoted extension", "5;name=\"a;\\\"b\"\r\nhello\r\n0\r\n\r\n"),
        ("extension with a bare LF", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        ("extension with a bare CR", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        ("long extension", $"5;{new string('e', 3000)}\r\nhello\r\n0\r\n\r\n"),
        ("space behind the size", "5 \r\nhello\r\n0\r\n\r\n"),
        ("space before the size", " 5\r\nhello\r\n0\r\n\r\n"),
        ("no size", "\r\nhello\r\n0\r\n\r\n"),
        ("negative size", "-5\r\nhello\r\n0\r\n\r\n"),
        ("prefixed size", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("size of letters", "five\r\nhello\r\n0\r\n\r\n"),
        ("huge size", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        ("size of 2 GB", "7fffffff\r\nhello\r\n0\r\n\r\n"),
        ("bare LF behind the size", "5\nhello\r\n0\r\n\r\n"),
        ("bare CR behind the size", "5\rhello\r\n0\r\n\r\n"),
        ("bare LF behind the chunk", "5\r\nhello\n0\r\n\r\n"),
        ("nothing behind the chunk", "5\r\nhello0\r\n\r\n"),
        ("chunk too short", "5\r\nhell\r\n0\r\n\r\n"),
        ("chunk too long", "5\r\nhelloo\r\n0\r\n\r\n"),
        ("trailer", "5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n"),
        ("trailer without a colon", "5\r\nhello\r\n0\r\nX-Sum\r\n\r\n"),
        ("trailer with a space", "5\r\nhello\r\n0\r\nX-Sum : 1\r\n\r\n"),
        ("trailer folded", "5\r\nhello\r\n0\r\nX-Sum: 1\r\n 2\r\n\r\n"),
        ("trailer that offers", "5\r\nhello\r\n0\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n"),
        ("trailer of framing", "5\r\nhello\r\n0\r\nContent-Length: 5\r\nHost: b\r\n\r\n"),
        ("trailer too large", $"5\r\nhello\r\n0\r\nX: {new string('t', 4000)}\r\n\r\n"),
        ("trailers too many", $"5\r\nhello\r\n0\r\n{string.Concat(Enumerable.Repeat("X: 1\r\n", 40))}\r\n"),
        ("bare LF at the end", "5\r\nhello\r\n0\r\n\n"),
        ("NUL at the end", "5\r\nhello\r\n0\r\n\u0000"),
        ("never ending", "5\r\nhello\r\n"),
        ("half a chunk", "5\r\nhel"),
        ("half a size", "5"),
        ("half an end", "5\r\nhello\r\n0\r\n"),
    ];

    private static readonly string[] Encodings =
    [
        "Chunked", "CHUNKED", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "identity, chunked", "gzip", "",
        "xchunked", "chunked;q=1", "\"chunked\"", "chunked,", ",chunked", "\u000bchunked", "chunked\u0000", "chun ked",
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. Contents.Select(content => new RequestStream(
            $"chunked {content.Name}", Request("POST /x HTTP/1.1", "Transfer-Encoding: chunked\r\n", content.Content) + End)),
        .. Encodings.Select(value => new RequestStream(
            $"transfer encoding [{value}]",
            Request("POST /x HTTP/1.1", $"Transfer-Encoding: {value}\r\n", "5\r\nhello\r\n0\r\n\r\n") + End)),
        new("transfer encoding twice", Request(
            "POST /x HTTP/1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + End),
        new("transfer encoding on two lines", Request(
            "POST /x HTTP/1.1", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + End),
        new("transfer encoding, then length", Request(
            "POST /x HTTP/1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n") + End),
        new("length, then transfer encoding", Request(
            "POST /x HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + End),
        new("transfer encoding with a bad length", Request(
            "POST /x HTTP/1.1", "Content-Length: x\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + End),
        new("transfer encoding with a space before the colon", Request(
            "POST /x HTTP/1.1", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n") + End),
        new("chunked GET", Request("GET /x HTTP/1.1", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + End),
        new("chunked HEAD", Request("HEAD /x HTTP/1.1", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n") + End),
        new("chunked unread",
            Request("POST /unread HTTP/1.1", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + End),
        new("chunked unread and bad", Request("POST /unread HTTP/1.1", "Transfer-Encoding: chunked\r\n", "x\r\n") + End),
        new("chunked read late and bad", Request("POST /early HTTP/1.1", "Transfer-Encoding: chunked\r\n", "x\r\n") + End),
        new("chunked close",
            Request("POST /x HTTP/1.1", "Connection: close\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n") + End),
    ];
}
