using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>The Host field: missing, several, valid and not.</summary>
internal static class HostStreams
{
    private static readonly string[] Hosts =
    [
        "localhost", "LOCALHOST", "localhost:80", "localhost:8080", "localhost:0", "localhost:65536", "localhost:999999999999",
        "localhost:", "localhost:-1", "localhost:+1", "localhost:8a", "localhost:80:80", ":80", ":", "", " ", "a b", "a\tb",
        "a,b", "a;b", "a/b", "/", "a?b", "a#b", "a@b", "user:pw@a", "*", "*.a.test", ".", "..", "a..b", "-a", "a_b", "a.test.",
        "xn--e1afmkfd", "é.test", "\u00ff", "%61.test", "%00", "a\u0000b", "a\u0001b", "a\u007fb", "127.0.0.1", "127.0.0.1:80",
        "999.999.999.999", "1", "[::1]", "[::1]:80", "[::1", "::1", "[::1]x", "[]", "[g]", "[fe80::1%25eth0]", "[v1.a]",
        "<script>", "a\"b", "'a'", "!$&'()*+,=", "~", "{a}", "a\\b", "a|b", "^",
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. Hosts.Select(host => new RequestStream($"host [{host}]", $"GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n" + End)),
        new("host missing", "GET /x HTTP/1.1\r\n\r\n" + End),
        new("host twice, the same", "GET /x HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n" + End),
        new("host twice, different", "GET /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + End),
        new("host twice, once empty", "GET /x HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n" + End),
        new("host twice in HTTP/1.0", "GET /x HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
        new("host invalid in HTTP/1.0", "GET /x HTTP/1.0\r\nHost: a b\r\n\r\n"),
        new("host last of many fields",
            $"GET /x HTTP/1.1\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", 20))}Host: a\r\n\r\n" + End),
        new("host in lower case", "GET /x HTTP/1.1\r\nhost: a\r\n\r\n" + End),
        new("host without a space", "GET /x HTTP/1.1\r\nHost:a\r\n\r\n" + End),
        new("host of 255 letters", $"GET /x HTTP/1.1\r\nHost: {new string('h', 255)}\r\n\r\n" + End),
    ];
}
