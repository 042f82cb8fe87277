using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Request lines that are wrong, and versions.</summary>
internal static class StartLineStreams
{
    private static readonly string[] Versions =
    [
        "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/1.9", "HTTP/0.9", "HTTP/2", "HTTP/2.0", "HTTP/3", "HTTP/3.0", "HTTP/10.1",
        "HTTP/1.10", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/", "HTTP", "http/1.1", "Http/1.1", "HTTP/1,1", "HTTP/ 1.1",
        "HTTP /1.1", "HTTP/1.1 ", " HTTP/1.1", "HTTP/1.1 x", "HTTP/-1.1", "HTTP/1.1\t", "\tHTTP/1.1", "HTTP/1.1\u0000",
        "HTTP/1.é", "HTTPS/1.1", "FTP/1.1", "RTSP/1.0", "ICY", "", " ", "1.1",
    ];

    private static readonly (string Name, string Line)[] Lines =
    [
        ("empty", ""),
        ("blank", " "),
        ("blanks", "   "),
        ("method only", "GET"),
        ("method and blank", "GET "),
        ("HTTP/0.9", "GET /x"),
        ("HTTP/0.9 with a blank", "GET /x "),
        ("version only", "HTTP/1.1"),
        ("answer", "HTTP/1.1 200 OK"),
        ("two blanks before the target", "GET  /x HTTP/1.1"),
        ("two blanks behind the target", "GET /x  HTTP/1.1"),
        ("blank in the target", "GET /x y HTTP/1.1"),
        ("blank first", " GET /x HTTP/1.1"),
        ("tab for blanks", "GET\t/x\tHTTP/1.1"),
        ("vertical tab for blanks", "GET\u000b/x\u000bHTTP/1.1"),
        ("no blanks", "GET/xHTTP/1.1"),
        ("bare CR in it", "GET /x\r HTTP/1.1"),
        ("bare CR behind it", "GET /x HTTP/1.1\r"),
        ("bare LF in it", "GET /x\n HTTP/1.1"),
        ("bare LF first", "\nGET /x HTTP/1.1"),
        ("NUL first", "\u0000GET /x HTTP/1.1"),
        ("byte order mark", "\u00ef\u00bb\u00bfGET /x HTTP/1.1"),
        ("field for a line", "Host: localhost"),
        ("only digits", "1234567890"),
        ("PROXY protocol", "PROXY TCP4 127.0.0.1 127.0.0.1 1 2"),
        ("SMTP", "EHLO localhost"),
        ("SSH", "SSH-2.0-OpenSSH_9.0"),
        ("RTSP", "DESCRIBE rtsp://localhost/x RTSP/1.0"),
        ("SIP", "OPTIONS sip:a@localhost SIP/2.0"),
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. Versions.Select(version => new RequestStream($"version [{version}]", Request($"GET /x {version}") + End)),
        .. Lines.Select(line => new RequestStream($"line {line.Name}", Request(line.Line) + End)),
        new("line ends with LF", "GET /x HTTP/1.1\nHost: localhost\r\n\r\n" + End),
        new("line ends with CR", "GET /x HTTP/1.1\rHost: localhost\r\n\r\n" + End),
        new("line ends with LF CR", "GET /x HTTP/1.1\n\rHost: localhost\r\n\r\n" + End),
        new("HTTP/0.9 with nothing behind", "GET /x\r\n"),
        new("leading CRLF", "\r\n" + End),
        new("leading CRLFs", "\r\n\r\n\r\n" + End),
        new("leading LF", "\n" + End),
        new("leading CR", "\r" + End),
        new("leading blank", " " + End),
        new("leading CRLF between requests", Request("GET /x HTTP/1.1") + "\r\n" + End),
        new("leading CRLFs between requests", Request("GET /x HTTP/1.1") + "\r\n\r\n\r\n" + End),
        new("leading LF between requests", Request("GET /x HTTP/1.1") + "\n" + End),
        new("leading CRLF only", "\r\n"),
        new("leading CRLFs only", "\r\n\r\n\r\n"),
        new("leading CR only", "\r"),
        new("leading LF only", "\n"),
    ];
}
