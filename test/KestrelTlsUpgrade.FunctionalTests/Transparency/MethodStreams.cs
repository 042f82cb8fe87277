using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Methods, known and unknown, well formed and not.</summary>
internal static class MethodStreams
{
    private static readonly string[] WithoutContent =
    [
        "GET", "HEAD", "OPTIONS", "DELETE", "TRACE", "QUERY", "PROPFIND", "get", "Get", "GETS", "M-SEARCH", "!#$%&'*+-.^_`|~",
        "X", "G", "GE", "A-METHOD-WITH-A-NAME-LONGER-THAN-THOSE-THAT-ARE-KNOWN",
    ];

    private static readonly string[] WithContent = ["POST", "PUT", "PATCH", "DELETE", "GET", "HEAD", "OPTIONS", "REPORT"];

    private static readonly (string Name, string Method)[] Malformed =
    [
        ("none", ""),
        ("slash", "GE/T"),
        ("colon", "GET:"),
        ("at", "G@T"),
        ("quote", "\"GET\""),
        ("non-ascii", "GÉT"),
        ("nul", "GE\u0000T"),
        ("escape", "\u001bGET"),
        ("tab", "GET\t"),
        ("parentheses", "(GET)"),
    ];

    public static IEnumerable<RequestStream> All =>
    [
        .. WithoutContent.Select(method => new RequestStream($"method {method}", Request($"{method} /x HTTP/1.1") + End)),
        .. WithContent.Select(method => new RequestStream(
            $"method {method} with content", Request($"{method} /x HTTP/1.1", "Content-Length: 5\r\n", "hello") + End)),
        .. WithContent.Select(method => new RequestStream(
            $"method {method} with empty content", Request($"{method} /x HTTP/1.1", "Content-Length: 0\r\n") + End)),
        new("method POST without a length", Request("POST /x HTTP/1.1") + End),
        new("method PUT without a length", Request("PUT /x HTTP/1.1") + End),
        .. Malformed.Select(method => new RequestStream(
            $"malformed method {method.Name}", Request($"{method.Method} /x HTTP/1.1") + End)),
    ];
}
