using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Heads at the limits of the server and beyond. An offer beyond them is none.</summary>
internal static class LimitStreams
{
    private const int Line = TransparencyServers.MaxRequestLineSize;
    private const int Total = TransparencyServers.MaxRequestHeadersTotalSize;
    private const int Count = TransparencyServers.MaxRequestHeaderCount;
    private const string Offer = "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\n";

    private static readonly int[] LineSizes =
        [Line - 2, Line - 1, Line, Line + 1, Line + 2, Line + 3, 2 * Line, 4095, 4096, 4097, 70_000, 2_000_000];
    private static readonly int[] TotalSizes =
        [Total - 2, Total - 1, Total, Total + 1, Total + 2, Total + 3, 4096, 4500, 70_000, 2_000_000];
    private static readonly int[] Counts = [Count - 1, Count, Count + 1, Count + 2, 10 * Count];
    private static readonly int[] HostLengths = [500, Total - 8, Total];

    public static IEnumerable<RequestStream> All =>
    [
        .. LineSizes.Select(size => new RequestStream($"line of {size}", HeadWithLineOf(size, "") + End)),
        .. LineSizes.Where(size => size > Line).Select(size => new RequestStream(
            $"line of {size} with an offer", HeadWithLineOf(size, Offer) + End)),
        .. TotalSizes.Select(size => new RequestStream($"fields of {size}", HeadWithFieldsOf(size, "") + End)),
        .. TotalSizes.Where(size => size > Total).Select(size => new RequestStream(
            $"fields of {size} with an offer", HeadWithFieldsOf(size, Offer) + End)),
        .. Counts.Select(count => new RequestStream($"{count} fields", HeadWithFields(count, "") + End)),
        .. Counts.Where(count => count > Count).Select(count => new RequestStream(
            $"{count} fields with an offer", HeadWithFields(count, Offer) + End)),
        .. HostLengths.Select(length => new RequestStream(
            $"host of {length}", $"GET /x HTTP/1.1\r\nHost: {new string('h', length)}\r\n\r\n" + End)),
        .. new[] { Total, Total + 1 }.Select(size => new RequestStream(
            $"one name of {size}",
            $"GET /x HTTP/1.1\r\nHost: a\r\n{new string('n', size - "Host: a\r\n:\r\n".Length)}:\r\n\r\n" + End)),
        new("line without an end", "GET /" + new string('l', 3 * Line)),
        new("line without an end, short of the limit", "GET /" + new string('l', Line - 10)),
        new("method without an end", new string('M', 3 * Line)),
        new("version without an end", "GET / HTTP/1.1" + new string('1', 3 * Line)),
        new("blanks without an end", new string(' ', 3 * Line)),
        new("CRLFs without an end", string.Concat(Enumerable.Repeat("\r\n", 2 * Line))),
        new("name without an end", "GET / HTTP/1.1\r\n" + new string('n', 2 * Total)),
        new("value without an end", "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + new string('v', 2 * Total)),
        new("fields without an end",
            "GET / HTTP/1.1\r\nHost: localhost\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 1000))),
        new("largest head, again and again", string.Concat(Enumerable.Repeat(HeadWithFieldsOf(Total, ""), 50)) + End),
        new("longest line, again and again", string.Concat(Enumerable.Repeat(HeadWithLineOf(Line, ""), 50)) + End),
        new("large second head", Request("GET /x HTTP/1.1") + HeadWithFieldsOf(Total + 1, "") + End),
        new("long second line", Request("GET /x HTTP/1.1") + HeadWithLineOf(Line + 1, "") + End),
        new("large second head with an offer", Request("GET /x HTTP/1.1") + HeadWithFieldsOf(Total + 1, Offer) + End),
        new("long second line with an offer", Request("GET /x HTTP/1.1") + HeadWithLineOf(Line + 1, Offer) + End),
    ];

    /// <summary>The size is that of the request line with its CRLF.</summary>
    private static string HeadWithLineOf(int size, string fields) =>
        Request($"GET /{new string('l', size - "GET / HTTP/1.1\r\n".Length)} HTTP/1.1", fields);

    /// <summary>The size is that of all lines behind the request line, without the empty one.</summary>
    private static string HeadWithFieldsOf(int size, string fields)
    {
        var rest = size - "Host: localhost\r\n".Length - fields.Length - "X: \r\n".Length;
        return Request("GET /x HTTP/1.1", $"{fields}X: {new string('v', rest)}\r\n");
    }

    /// <summary>The count includes Host.</summary>
    private static string HeadWithFields(int count, string fields)
    {
        var rest = count - 1 - fields.Count(letter => letter == '\n');
        return Request("GET /x HTTP/1.1", fields + string.Concat(Enumerable.Range(0, rest).Select(i => $"X-{i}: y\r\n")));
    }
}
