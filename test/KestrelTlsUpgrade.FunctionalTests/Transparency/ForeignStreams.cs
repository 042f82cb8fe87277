using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Bytes that are not HTTP/1, among them those that begin as a TLS record does.</summary>
internal static class ForeignStreams
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    private const string Settings = "\u0000\u0000\u0000\u0004\u0000\u0000\u0000\u0000\u0000";

    private static readonly (string Name, string Bytes)[] Beginnings =
    [
        ("handshake record, alone", "\u0016"),
        ("handshake record of version 0", "\u0016\u0000\u0000\u0000\u0005hello"),
        ("handshake record of SSL 2", "\u0016\u0002\u0000\u0000\u0005hello"),
        ("handshake record of version 4", "\u0016\u0004\u0001\u0000\u0005hello"),
        ("handshake record of version 255", "\u0016\u00ff\u00ff\u0000\u0005hello"),
        ("handshake record type twice", "\u0016\u0016\u0003\u0001\u0000\u0005hello"),
        ("handshake record type, then a request", "\u0016" + End),
        ("handshake record type, then a line", "\u0016\r\n\r\n"),
        ("handshake record of version 2, then a request", "\u0016\u0002" + End),
        ("CRLF, then a handshake record", "\r\n\u0016\u0003\u0001\u0000\u0005hello"),
        ("blank, then a handshake record", " \u0016\u0003\u0001\u0000\u0005hello\r\n\r\n"),
        ("change cipher spec", "\u0014\u0003\u0003\u0000\u0001\u0001\r\n\r\n"),
        ("alert", "\u0015\u0003\u0001\u0000\u0002\u0002\u0028\r\n\r\n"),
        ("application data", "\u0017\u0003\u0003\u0000\u0005hello\r\n\r\n"),
        ("heartbeat record", "\u0018\u0003\u0002\u0000\u0003\u0001\u0040\u0000\r\n\r\n"),
        ("version first", "\u0003\u0016\u0003\u0001\r\n\r\n"),
        ("SSL 2 hello", "\u0080\u002e\u0001\u0003\u0001\u0000\u0015\u0000\u0000\u0000\u0010\r\n\r\n"),
        ("DTLS hello", "\u0016\u00fe\u00ff\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0005hello\r\n\r\n"),
        ("HTTP/2 preface", Preface),
        ("HTTP/2 preface and settings", Preface + Settings),
        ("HTTP/2 preface, half", Preface[..12]),
        ("HTTP/2 preface, its first line", Preface[..16]),
        ("HTTP/2 preface, its first lines", Preface[..18]),
        ("HTTP/2 preface, less a byte", Preface[..^1]),
        ("HTTP/2 preface with a field", "PRI * HTTP/2.0\r\nHost: a\r\n\r\n" + End),
        ("HTTP/2 preface with another method", "GET * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("HTTP/2 preface of HTTP/1.1", "PRI * HTTP/1.1\r\nHost: a\r\n\r\n" + End),
        ("HTTP/2 preface in lower case", "pri * http/2.0\r\n\r\nsm\r\n\r\n"),
        ("HTTP/2 preface as second request", Request("GET /x HTTP/1.1") + Preface + Settings),
        ("HTTP/2 frame", Settings + Settings),
        ("all octets", new string([.. Enumerable.Range(0, 256).Select(i => (char)i)])),
        ("all octets, downwards", new string([.. Enumerable.Range(0, 256).Select(i => (char)(255 - i))])),
        ("zeros", new string('\u0000', 2000)),
        ("a NUL", "\u0000"),
        ("an A", "A"),
        ("a G", "G"),
        ("0xFF, often", new string('\u00ff', 2000)),
        ("UTF-16", "G\u0000E\u0000T\u0000 \u0000/\u0000\r\u0000\n\u0000\r\u0000\n\u0000"),
        ("gzip", "\u001f\u008b\u0008\u0000\u0000\u0000\u0000\u0000\u0000\u0003\r\n\r\n"),
        ("WebSocket frame", "\u0081\u0085\u0001\u0002\u0003\u0004hello\r\n\r\n"),
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. Beginnings.Select(bytes => new RequestStream($"foreign {bytes.Name}", bytes.Bytes)),
        .. Enumerable.Range(0, 40).Select(seed => new RequestStream(
            $"random bytes {seed}", RandomText(seed, lowest: 0, highest: 255))),
        .. Enumerable.Range(0, 10).Select(seed => new RequestStream(
            $"random text {seed}", RandomText(seed, lowest: ' ', highest: '~') + "\r\n\r\n")),
        .. Enumerable.Range(0, 10).Select(seed => new RequestStream(
            $"random field {seed}", Request("GET /x HTTP/1.1", RandomText(seed, lowest: 1, highest: 255) + "\r\n") + End)),
    ];

    private static string RandomText(int seed, int lowest, int highest)
    {
        var random = new Random(seed);
        return new string([.. Enumerable.Range(0, random.Next(2, 400)).Select(_ => (char)random.Next(lowest, highest + 1))]);
    }
}
