using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Upgrades that the application accepts itself, and what it can see of others.</summary>
internal static class OwnUpgradeStreams
{
    private static readonly string[] Protocols =
        ["websocket", "WebSocket", "h2c", "mirror", "websocket, TLS/1.2", "TLS/9.9", "a, b"];

    public static IEnumerable<RequestStream> All =>
    [
        .. Protocols.Select(protocol => new RequestStream(
            $"own upgrade [{protocol}]",
            Request("GET /accept HTTP/1.1", $"Upgrade: {protocol}\r\nConnection: Upgrade\r\n", "hello"))),
        .. Protocols.Select(protocol => new RequestStream(
            $"own later upgrade [{protocol}]",
            Request("GET /x HTTP/1.1") + Request(
                "GET /accept HTTP/1.1", $"Upgrade: {protocol}\r\nConnection: Upgrade\r\n", "hello"))),
        new("own upgrade of POST", Request("POST /accept HTTP/1.1", "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n", "hello")),
        new("own upgrade of TLS behind a proxy",
            Request("GET /accept HTTP/1.1", "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\nVia: 1.1 a\r\n", "hello")),
        new("own upgrade of HTTP/1.0", Request("GET /accept HTTP/1.0", "Upgrade: mirror\r\nConnection: Upgrade\r\n", "hello")),
        new("own upgrade, keep-alive",
            Request("GET /accept HTTP/1.1", "Upgrade: mirror\r\nConnection: keep-alive, Upgrade\r\n", "hello")),
        new("own upgrade, TLS behind it",
            Request("GET /accept HTTP/1.1", "Upgrade: mirror\r\nConnection: Upgrade\r\n", "\u0016\u0003\u0001ab")),
        new("own upgrade, more bytes than it reads",
            Request("GET /accept HTTP/1.1", "Upgrade: mirror\r\nConnection: Upgrade\r\n", "hello, world")),
        new("own upgrade with content", Request(
            "GET /accept HTTP/1.1", "Upgrade: mirror\r\nConnection: Upgrade\r\nContent-Length: 5\r\n", "hello") + End),
        new("own upgrade without Connection", Request("GET /accept HTTP/1.1", "Upgrade: mirror\r\n") + End),
    ];
}
