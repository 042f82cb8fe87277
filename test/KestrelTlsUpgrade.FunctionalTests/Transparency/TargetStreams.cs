using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Request targets of all forms, and their oddities.</summary>
internal static class TargetStreams
{
    private static readonly string[] Targets =
    [
        "/", "/a", "/a/b/c", "//", "//a.test/x", "/a//b", "/.", "/..", "/../../etc/passwd", "/a/./b/../c", "/a/", "/~user",
        "/a;b=c", "/?", "/?a", "/?a=b&c=d", "/?a=b?c", "/?%00", "/?%", "/?a=%zz", "/a?b#c", "/a#b", "/a\\b", "/a|b", "/{a}",
        "/<a>", "/a\"b", "/a^b`c", "/%41", "/%61%2Fb", "/%2f", "/%2F%2F", "/%2e%2e/x", "/a/%2e%2e/b", "/%25", "/%2541", "/%",
        "/%4", "/%zz", "/%u0041", "/%00", "/a%00b", "/%0a", "/%0d%0a", "/%7f", "/%20", "/a%20b", "/+", "/%c3%a9", "/%C3%A9",
        "/%c3", "/%c3%28", "/%ff", "/%ed%a0%80", "/%f0%9f%98%80", "/%c0%af", "/%e2%82", "/%f8%88%80%80%80", "/é", "/\u00ff",
        "/?é", "/\u007f", "/\u0001", "/\u0000", "/?\u0000", "/a\tb", "*", "**", "*x", "?", "?a", "a", "a/b", ".", "..", "%2f",
        "\\", ":", "/:", "/a:b", "@", "localhost", "localhost:80", "a.test:80", "http://localhost", "http://localhost/",
        "http://localhost/a?b=c", "http://localhost?a", "http://localhost:80/", "HTTP://localhost/", "http://a.test/",
        "http://LOCALHOST/", "http://user@localhost/", "http://localhost:port/", "http://localhost:99999/", "http:///x",
        "http://", "http:/x", "http:x", "http://[::1]/", "http://[::1", "http://localhost/%00", "http://localhost/é",
        "http://local host/", "https://localhost/x", "ftp://localhost/x", "ws://localhost/x", "urn:a:b", "mailto:a@b", "://x",
        "http://localhost/../x",
    ];

    private static readonly string[] Connects =
    [
        "localhost:80", "localhost", "localhost:", ":80", "a.test:443", "[::1]:80", "/x", "*", "http://localhost/", "a b:80",
        "a/b:80", "", "localhost:port", "localhost:99999", "user@localhost:80",
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. Targets.Select(target => new RequestStream($"target [{target}]", Request($"GET {target} HTTP/1.1") + End)),
        .. Connects.Select(target => new RequestStream(
            $"CONNECT [{target}]", $"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n" + End)),
        new("CONNECT with another host", "CONNECT a.test:80 HTTP/1.1\r\nHost: b.test:80\r\n\r\n" + End),
        new("CONNECT with bytes behind", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n\u0016\u0003\u0001"),
        new("CONNECT of HTTP/1.0", "CONNECT a.test:80 HTTP/1.0\r\n\r\n"),
        new("OPTIONS *", Request("OPTIONS * HTTP/1.1") + End),
        new("OPTIONS * of HTTP/1.0", Request("OPTIONS * HTTP/1.0") + End),
        new("OPTIONS * with content", Request("OPTIONS * HTTP/1.1", "Content-Length: 5\r\n", "hello") + End),
        new("OPTIONS **", Request("OPTIONS ** HTTP/1.1") + End),
        new("OPTIONS *?a", Request("OPTIONS *?a HTTP/1.1") + End),
        new("OPTIONS of an absolute target", Request("OPTIONS http://localhost HTTP/1.1") + End),
        new("POST *", Request("POST * HTTP/1.1", "Content-Length: 0\r\n") + End),
        new("absolute target without Host", "GET http://localhost/x HTTP/1.1\r\n\r\n" + End),
        new("absolute target of HTTP/1.0", "GET http://localhost/x HTTP/1.0\r\n\r\n"),
        new("absolute target, other port", "GET http://localhost:81/x HTTP/1.1\r\nHost: localhost:82\r\n\r\n" + End),
        new("long query", Request($"GET /?{new string('q', 900)} HTTP/1.1") + End),
        new("deep path", Request($"GET {string.Concat(Enumerable.Repeat("/a", 400))} HTTP/1.1") + End),
        new("deep path of dots", Request($"GET {string.Concat(Enumerable.Repeat("/a/..", 180))} HTTP/1.1") + End),
    ];
}
