using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Offers that are well formed and yet none that counts, as a first request and as a later one.</summary>
internal static class DeclinedOfferStreams
{
    private const string Offer = "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n";

    private static readonly string[] Tokens =
    [
        "TLS/9.9", "TLS/1.4", "TLS/2.0", "TLS/0.9", "TLS/1", "TLS/", "TLS/1.", "TLS/1.20", "TLS/1.2.3", "TLS/01.2", "TLS /1.2",
        "TLS/ 1.2", "TLS\t/1.2", "TLSX", "TLS-1.2", "TLS1.2", "XTLS/1.2", "SSL/3.0", "DTLS/1.2", "TLS/1.2;q=1", "\"TLS/1.2\"",
        "TLS/1.2 TLS/1.3", "x TLS/1.2", "(TLS/1.2)", "h2c", "HTTP/2.0", "HTTP/1.1", "websocket", "WebSocket", "websocket/13",
        "websocket, TLS/1.2", "websocket,TLS/1.3,TLS/1.2", "IRC/6.9, RTA/x11", "", ",", ",,", "foo", "tls/1.x", "TLS/1.2.",
        "TLS/1,2", "TLS/é",
    ];

    private static readonly string[] Connections =
    [
        "keep-alive", "close", "", ",", "Upgrad", "Upgrades", "Upgrade-Insecure-Requests", "\"Upgrade\"", "Upgrade;q=1",
        "x Upgrade", "Upgrade x", "TLS/1.2", "keep-alive Upgrade", "up grade", "HTTP2-Settings", "non-upgrade",
    ];

    private static readonly string[] Intermediaries =
    [
        "Via: 1.1 proxy", "via: 1.0 a, 1.1 b", "VIA:", "Forwarded: for=1.2.3.4", "forwarded: proto=https",
        "X-Forwarded-For: 1.2.3.4", "x-forwarded-for: ::1", "X-Forwarded-Proto: https", "X-Forwarded-Host: a.test",
        "X-Forwarded-Port: 443", "X-Forwarded-Prefix: /a", "X-FORWARDED-ANYTHING: x", "X-Real-IP: 1.2.3.4", "x-real-ip:",
    ];

    private static readonly (string Name, string Request)[] Requests =
    [
        .. Tokens.Select(token =>
            ($"token [{token}]", Request("GET /x HTTP/1.1", $"Upgrade: {token}\r\nConnection: Upgrade\r\n"))),
        .. Connections.Select(value =>
            ($"connection [{value}]", Request("GET /x HTTP/1.1", $"Upgrade: TLS/1.2\r\nConnection: {value}\r\n"))),
        .. Intermediaries.Select(field => ($"behind [{field}]", Request("GET /x HTTP/1.1", $"{Offer}{field}\r\n"))),
        .. new[] { "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY", "get", "Head", "options", "GETS" }.Select(method =>
            ($"method {method}", Request($"{method} /x HTTP/1.1", Offer))),
        .. new[] { "GET", "HEAD", "OPTIONS", "POST" }.Select(method =>
            ($"{method} with content", Request($"{method} /x HTTP/1.1", Offer + "Content-Length: 5\r\n", "hello"))),
        .. new[] { "GET", "HEAD", "OPTIONS", "POST" }.Select(method =>
            ($"{method} in chunks",
                Request($"{method} /x HTTP/1.1", Offer + "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"))),
        ("OPTIONS * with content", Request("OPTIONS * HTTP/1.1", Offer + "Content-Length: 5\r\n", "hello")),
        ("CONNECT", Request("CONNECT localhost HTTP/1.1", Offer).Replace("localhost", "localhost:80", StringComparison.Ordinal)),
        ("no Connection", Request("GET /x HTTP/1.1", "Upgrade: TLS/1.2\r\n")),
        ("no Upgrade", Request("GET /x HTTP/1.1", "Connection: Upgrade\r\n")),
        ("HTTP/1.0", Request("GET /x HTTP/1.0", Offer)),
        ("HTTP/1.0 keep-alive", Request("GET /x HTTP/1.0", "Upgrade: TLS/1.2\r\nConnection: keep-alive, Upgrade\r\n")),
        ("h2c with settings", Request(
            "GET /x HTTP/1.1", "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n")),
        ("WebSocket", Request(
            "GET /x HTTP/1.1",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")),
        ("WebSocket on a line before", Request("GET /x HTTP/1.1", "Upgrade: websocket\r\n" + Offer)),
        ("in the query", Request("GET /x?Upgrade:TLS/1.2 HTTP/1.1", "Connection: Upgrade\r\n")),
        ("in another field", Request("GET /x HTTP/1.1", "X: Upgrade: TLS/1.2\r\nX-Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n")),
        ("in content", Request("POST /x HTTP/1.1", $"Content-Length: {Offer.Length}\r\n", Offer)),
        ("with Expect and content",
            Request("POST /x HTTP/1.1", Offer + "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello")),
    ];

    public static IEnumerable<RequestStream> All => Requests.SelectMany<(string Name, string Request), RequestStream>(request =>
    [
        new($"offer, {request.Name}", request.Request + End),
        new($"later offer, {request.Name}", Request("GET /before HTTP/1.1") + request.Request + End),
    ]);
}
