using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Content with a Content-Length, right and wrong, and Expect.</summary>
internal static class LengthStreams
{
    private static readonly string[] Lengths =
    [
        "-1", "+5", "0x5", "5.0", "5,5", "5, 5", "5,6", "", " ", "five", "5 5", "5a", "\u00d9\u00a5", "1e1", "05", "0000000005",
        " 5 ", "\t5\t", "18446744073709551616", "9223372036854775808", "9223372036854775807", "4294967301",
        "99999999999999999999999999",
    ];

    private static readonly string[] Expectations =
        ["100-continue", "100-Continue", "100-continue, 100-continue", "200-ok", "", "100-continue;x=y"];

    public static IEnumerable<RequestStream> All =>
    [
        .. Lengths.Select(value => new RequestStream(
            $"length [{value}]", Request("POST /x HTTP/1.1", $"Content-Length: {value}\r\n", "hello") + End)),
        new("length twice, the same", Request("POST /x HTTP/1.1", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello") + End),
        new("length twice, different", Request("POST /x HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello") + End),
        new("length twice, none", Request("GET /x HTTP/1.1", "Content-Length: 0\r\nContent-Length: 0\r\n") + End),
        new("length in lower case", Request("POST /x HTTP/1.1", "content-length: 5\r\n", "hello") + End),
        new("content longer than its length", Request("POST /x HTTP/1.1", "Content-Length: 3\r\n", "hello") + End),
        new("content that is a request", Request("POST /x HTTP/1.1", $"Content-Length: {End.Length}\r\n", End) + End),
        new("content of zeros", Request("POST /x HTTP/1.1", "Content-Length: 9\r\n", new string('\u0000', 9)) + End),
        new("content of 200 KB", Request("PUT /x HTTP/1.1", "Content-Length: 200000\r\n", new string('b', 200_000)) + End),
        new("content of 200 KB unread",
            Request("PUT /unread HTTP/1.1", "Content-Length: 200000\r\n", new string('b', 200_000)) + End),
        new("content of 200 KB twice", string.Concat(Enumerable.Repeat(
            Request("PUT /x HTTP/1.1", "Content-Length: 200000\r\n", new string('b', 200_000)), 2)) + End),
        new("content at the limit", Request(
            "PUT /x HTTP/1.1",
            $"Content-Length: {TransparencyServers.MaxRequestBodySize}\r\n",
            new string('b', TransparencyServers.MaxRequestBodySize)) + End),
        new("content beyond the limit", Request(
            "PUT /x HTTP/1.1",
            $"Content-Length: {TransparencyServers.MaxRequestBodySize + 1}\r\n",
            new string('b', TransparencyServers.MaxRequestBodySize + 1)) + End),
        new("content beyond the limit announced", Request("PUT /x HTTP/1.1", "Content-Length: 1000000000\r\n")),
        new("content unread", Request("POST /unread HTTP/1.1", "Content-Length: 5\r\n", "hello") + End),
        new("content unread, then closed",
            Request("POST /unread HTTP/1.1", "Content-Length: 5\r\nConnection: close\r\n", "hello") + End),
        new("content read late", Request("POST /early HTTP/1.1", "Content-Length: 5\r\n", "hello") + End),
        new("content of an application that fails", Request("POST /fail HTTP/1.1", "Content-Length: 5\r\n", "hello") + End),
        new("form", Request(
            "POST /x HTTP/1.1", "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n", "a=1&b=2") + End),
        .. Expectations.Select(value => new RequestStream(
            $"expect [{value}]", Request("POST /x HTTP/1.1", $"Expect: {value}\r\nContent-Length: 5\r\n", "hello") + End)),
        new("expect without content", Request("GET /x HTTP/1.1", "Expect: 100-continue\r\n") + End),
        new("expect with no content", Request("POST /x HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n") + End),
        new("expect of HTTP/1.0", Request("POST /x HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello")),
        new("expect, content never sent", Request("POST /x HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 5\r\n")),
        new("expect, content unread",
            Request("POST /unread HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello") + End),
        new("expect, content in chunks", Request(
            "POST /x HTTP/1.1", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + End),
        new("expect beyond the limit", Request("POST /x HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1000000000\r\n")),
    ];
}
