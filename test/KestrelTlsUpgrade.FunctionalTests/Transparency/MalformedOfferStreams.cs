using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Offers of requests that Kestrel refuses: its verdict counts, whatever they ask for.</summary>
internal static class MalformedOfferStreams
{
    private const string Offer = "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n";

    private static readonly string[] StartLines =
    [
        "GET /x HTTP/1.2", "GET /x HTTP/2.0", "GET /x HTTP/0.9", "GET /x http/1.1", "GET /x HTTP/1.1 ", "GET  /x HTTP/1.1",
        "GET /x", "GET x HTTP/1.1", "GET * HTTP/1.1", "OPTIONS *x HTTP/1.1", "HEAD * HTTP/1.1", "GET /%00 HTTP/1.1",
        "GET /\u0000 HTTP/1.1", "GET /\u007f\u0080 HTTP/1.1", "GET /é HTTP/1.1", "G\u0000T /x HTTP/1.1", "GET /x HTTP/1.1\r",
        "GET\t/x HTTP/1.1", " GET /x HTTP/1.1", "GET a.test:80 HTTP/1.1", "GET http://a.test/ HTTP/1.1", "GET http:// HTTP/1.1",
        "HEADER /x HTTP/1.1", "GET: /x HTTP/1.1", "OPTIONS ? HTTP/1.1",
    ];

    private static readonly string[] Hosts =
    [
        "", "Host: a b\r\n", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host: a:port\r\n", "Host: a/b\r\n",
        "Host: a,b\r\n\r\n", "Host: é\r\n", "Host: a\u0000\r\n", "Host : a\r\n", " Host: a\r\n", "Host: [::1\r\n",
        "Host: [g]\r\n", "Host: <a>\r\n", "Host: a:1:2\r\n", "Host: a:+1\r\n", "Host: a: 1\r\n", "Host: a\\b\r\n",
        "Host: a?b\r\n", "Host: a#b\r\n",
    ];

    private static readonly string[] Lines =
    [
        "X", "X :y", " X: y", "\tX: y", ": y", "X: y\r\n folded", "X: a\rY: b", "X: a\r", "\r", "X: a\u0000b", "X\u0000: a",
        "É: a", "Content-Length: x", "Content-Length: -1", "Content-Length: 5\r\nContent-Length: 6", "Transfer-Encoding: gzip",
        "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked, gzip", "Upgrade", "Upgrade :TLS/1.2",
        "Upgrade\t: TLS/1.2", "Connection",
    ];

    private static readonly (string Name, string Head)[] Heads =
    [
        .. StartLines.Select(line => ($"[{line}]", Request(line, Offer))),
        .. Hosts.Select(host => ($"[{host}]", $"GET /x HTTP/1.1\r\n{host}{Offer}\r\n")),
        .. Hosts.Select(host => ($"behind it [{host}]", $"GET /x HTTP/1.1\r\n{Offer}{host}\r\n")),
        .. Lines.Select(line => ($"[{line}]", Request("GET /x HTTP/1.1", $"{line}\r\n{Offer}"))),
        .. Lines.Select(line => ($"behind it [{line}]", Request("GET /x HTTP/1.1", $"{Offer}{line}\r\n"))),
        ("an LF before it", "GET /x HTTP/1.1\r\nHost: a\r\n\n" + Offer + "\r\n"),
        ("LF and CR swapped before it", "GET /x HTTP/1.1\r\nHost: a\n\r" + Offer + "\r\n"),
        ("CR for line ends", $"GET /x HTTP/1.1\r\nHost: a\r\n{Offer}\r\n".Replace("\r\n", "\r", StringComparison.Ordinal)),
        ("no method", Request("/x HTTP/1.1", Offer)),
        ("no line", "Host: a\r\n" + Offer + "\r\n"),
    ];

    public static IEnumerable<RequestStream> All => Heads.SelectMany<(string Name, string Head), RequestStream>(head =>
    [
        new($"malformed offer, {head.Name}", head.Head + End),
        new($"malformed later offer, {head.Name}", Request("GET /before HTTP/1.1") + head.Head + End),
    ]);
}
