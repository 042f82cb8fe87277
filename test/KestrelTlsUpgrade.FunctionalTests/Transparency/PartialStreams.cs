using KestrelTlsUpgrade.Testing;
using static KestrelTlsUpgrade.FunctionalTests.Transparency.RequestStream;

namespace KestrelTlsUpgrade.FunctionalTests.Transparency;

/// <summary>Requests that are never finished: the server ends them in its own time.</summary>
internal static class PartialStreams
{
    private static readonly string Get = Request("GET /x HTTP/1.1", "X-Field: value\r\n");

    private static readonly string Offer = RawConnectionUpgradeExtensions.Request();

    private static readonly int[] GetCuts =
        [1, 2, 3, 4, 5, 7, 12, 15, 16, 17, 20, 23, 33, 34, 40, 45, Get.Length - 3, Get.Length - 2, Get.Length - 1];

    private static readonly int[] OfferCuts =
        [10, 16, 17, 30, 34, 42, 44, 51, 52, 60, 65, Offer.Length - 4, Offer.Length - 3, Offer.Length - 2, Offer.Length - 1];

    private static readonly int[] ContentLengths = [0, 1, 5, 9_000];

    public static IEnumerable<RequestStream> All =>
    [
        .. GetCuts.Select(cut => new RequestStream($"request cut at {cut}", Get[..cut])),
        .. GetCuts.Select(cut => new RequestStream($"second request cut at {cut}", Get + Get[..cut])),
        .. OfferCuts.Select(cut => new RequestStream($"offer cut at {cut}", Offer[..cut])),
        .. OfferCuts.Select(cut => new RequestStream($"second offer cut at {cut}", Get + Offer[..cut])),
        .. ContentLengths.Select(length => new RequestStream(
            $"content cut at {length}", Request("POST /x HTTP/1.1", "Content-Length: 10000\r\n", new string('c', length)))),
        .. ContentLengths.Select(length => new RequestStream(
            $"content in chunks cut at {length}",
            Request("POST /x HTTP/1.1", "Transfer-Encoding: chunked\r\n", $"2710\r\n{new string('c', length)}"))),
        new("content cut, with close", Request("POST /x HTTP/1.1", "Connection: close\r\nContent-Length: 10\r\n", "hello")),
        new("content cut, unread", Request("POST /unread HTTP/1.1", "Content-Length: 10\r\n", "hello")),
        new("content cut, read late", Request("POST /early HTTP/1.1", "Content-Length: 10\r\n", "hello")),
        new("content cut, application failed", Request("POST /fail HTTP/1.1", "Content-Length: 10\r\n", "hello")),
        new("content cut in HTTP/1.0", Request("POST /x HTTP/1.0", "Content-Length: 10\r\n", "hello")),
        new("content cut of a request that offers", Request(
            "POST /x HTTP/1.1", "Upgrade: TLS/1.2\r\nConnection: Upgrade\r\nContent-Length: 10\r\n", "hello")),
    ];
}
